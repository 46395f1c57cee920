// Typesetting of a post's words: short URLs, quiet trailing hashtags, nothing that the card or the wall shows anyway.
// Pure. Its input is the HTML of connectors/text/html.py: well-formed, without nested links.
import { isBare, leadsTo, shortened, textOf, withLinks } from './address'
import { closingOf, isTag, joined, lastLink, type Line } from './closing'
import { partsOf } from './letters'

const LINK = /<a\b[^>]*>.*?<\/a>/gs
/** The length in letters from which a hashtag may break. */
const LONG_TAG = 24

export interface Around {
  /** The wall's own hashtag, with or without `#`, which is dropped at the end. */
  tag?: string
  /** The URL of the link card below, which is dropped at the end. */
  card?: string | undefined
}

/** The HTML as a page shows it. Words that would become empty stay unchanged. */
export function setWords(source: string, { tag = '', card }: Around): string {
  const html = withLinks(source)
  const own = `#${tag.replace(/^#/, '').toLowerCase()}`
  const { before, lines } = closingOf(html)
  const hasWords = Boolean(textOf(before).trim())
  const set = lines.reduce((words, line) => joined(words, setLine(line, own, card, hasWords), line), before)
  return withQuietEnd(textOf(set).trim() ? set : html, own).replace(LINK, (link) => broken(shortened(link)))
}

/**
 * The trailing links that stay: quiet hashtags without the wall's own, and addresses without the card's. Addresses are
 * marked, since a screen hides them: they can't be followed there.
 */
function setLine({ links, isSaid }: Line, own: string, card: string | undefined, hasWords: boolean): string {
  const repeated = links.filter(isBare).length === 1 && card
  const kept = links.flatMap((link, at) => {
    if (isTag(link)) return nameOf(link) === own ? [] : [link]
    if (repeated && leadsTo(link, repeated)) return []
    return [hasWords && !(isSaid && !at) ? link.replace('<a ', '<a data-closing ') : link]
  })
  const parts = kept.map((link, at) => {
    if (!isTag(link)) return link
    const first = !at || !isTag(kept[at - 1]!)
    const last = at === kept.length - 1 || !isTag(kept[at + 1]!)
    return `${first ? '<span class="tags">' : ''}${link}${last ? '</span>' : ''}`
  })
  return parts.join(' ')
}

/** Mark the wall's own hashtag at the end as quiet if it may belong to the sentence; Tab passes it by. */
function withQuietEnd(html: string, own: string): string {
  const { link, end } = lastLink(html)
  const before = html.slice(0, end - link.length)
  if (!isTag(link) || nameOf(link) !== own || !textOf(before).trim()) return html
  return `${before}<span class="own">${link.replace('<a ', '<a tabindex="-1" ')}</span>${html.slice(end)}`
}

/** Let a long hashtag break between its words. */
function broken(link: string): string {
  if (!isTag(link) || textOf(link).length < LONG_TAG) return link
  return link.replace(/[^<>]+(?=<)/g, (words) => partsOf(words).join('<wbr>'))
}

/** Isolate the direction of `@name` and `#tag` in plain text: in right-to-left text the sign would come last. */
export function withNamesApart(html: string): string {
  return html.replace(/(^|[\s>(])([@#][A-Za-z0-9_][\w.@-]*)(?![^<]*>)/g, '$1<bdi>$2</bdi>')
}

const nameOf = (link: string) => textOf(link).toLowerCase()
