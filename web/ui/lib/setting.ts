// Typesetting of a post's words: short URLs, quiet trailing hashtags, nothing that the card or the wall shows anyway.
// Pure. Its input is the HTML of connectors/text/html.py: well-formed, without nested links.
import { partsOf } from './letters'

const LINK = /<a\b[^>]*>.*?<\/a>/gs
const BLANK = /(?:\s|&nbsp;|<br>)$/
const MAX_BLANK = 6
/** The length in letters from which a hashtag may break. */
const LONG_TAG = 24
/** Letters of a URL's path that are shown after its host. */
const WAY = 20

export interface Around {
  /** The wall's own hashtag, with or without `#`, which is dropped at the end. */
  tag?: string
  /** The URL of the link card below, which is dropped at the end. */
  card?: string | undefined
}

/** The HTML as a page shows it. Words that would become empty stay unchanged. */
export function setWords(html: string, { tag = '', card }: Around): string {
  const own = `#${tag.replace(/^#/, '').toLowerCase()}`
  const closing = endOf(html, isTag)
  const others = closing.links.filter((link) => textOf(link).toLowerCase() !== own)
  const quiet = others.length ? `<span class="tags">${others.join(' ')}</span>` : ''
  const said = withMarkedEnd(card ? withoutCard(closing.before, card) : closing.before)
  const set = closing.links.length ? joined(said, quiet, closing) : said
  return withQuietEnd(textOf(set).trim() ? set : html, own).replace(LINK, (link) => broken(shortened(link)))
}

/** Mark trailing hashtags as quiet, including the wall's own if it may belong to the sentence. */
function withQuietEnd(html: string, own: string): string {
  const { end, link } = lastLink(html)
  if (
    !link ||
    !isTag(link) ||
    textOf(link).toLowerCase() !== own ||
    !textOf(html.slice(0, end - link.length)).trim()
  )
    return html
  return `${html.slice(0, end - link.length)}<span class="own">${link}</span>${html.slice(end)}`
}

/** The trailing link and its position. */
function lastLink(html: string): { end: number; link: string } {
  const closed = html.trimEnd().endsWith(P)
  const end = trimmed(html, closed ? html.trimEnd().length - P.length : html.length)
  const start = html.endsWith('</a>', end) ? html.lastIndexOf('<a ', end - 1) : -1
  return { end, link: start < 0 ? '' : html.slice(start, end) }
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

const P = '</p>'

/** Append `more` to the last words of `html`, or in a paragraph of its own. */
function joined(html: string, more: string, { inside, open }: End): string {
  if (!more) return html
  return inside && html.endsWith(P) ? `${html.slice(0, -P.length)} ${more}${P}` : `${html}${open}${more}${P}`
}

/** Mark trailing URLs, which a screen hides because they can't be followed there. */
function withMarkedEnd(html: string): string {
  const end = endOf(html, isBare)
  if (!textOf(end.before).trim()) return html
  return joined(end.before, end.links.map((link) => link.replace('<a ', '<a data-closing ')).join(' '), end)
}

/**
 * HTML split before its trailing links: `inside` if they share a paragraph with other words; `open` is the start tag of a
 * paragraph of their own.
 */
interface End {
  before: string
  links: string[]
  inside: boolean
  open: string
}

/** The end of a sentence or line: a link after it is trailing, any other is part of the sentence. */
const SENTENCE_ENDS =
  /(?:(?![,،、，])[\p{Po}\p{Pe}\p{Pf}"]|\p{Extended_Pictographic}\ufe0f?|<br>|<img\b[^<>]*>|<\/(?:ul|ol|blockquote|pre)>)$/u
/** Characters of HTML in which the end of a sentence is searched; an emoji's picture is the longest. */
const MAX_END = 400

/** Searched from the end, so that the work is linear. */
function endOf(html: string, wanted: (link: string) => boolean, most = Infinity): End {
  const links: string[] = []
  const closed = html.trimEnd().endsWith(P)
  let end = trimmed(html, closed ? html.trimEnd().length - P.length : html.length)
  let breaks = false
  while (links.length < most && html.endsWith('</a>', end)) {
    const start = html.lastIndexOf('<a ', end - 1)
    const link = html.slice(start, end)
    if (start < 0 || !wanted(link)) break
    links.unshift(link)
    end = trimmed(html, start)
    breaks = html.slice(end, start).includes('<br>')
  }
  const opened = html.lastIndexOf('<p', end)
  const alone = closed && opened >= 0 && html.indexOf('>', opened) === end - 1
  const open = alone ? html.slice(opened, end) : '<p>'
  const isLine = alone || !end || SENTENCE_ENDS.test(html.slice(Math.max(0, end - MAX_END), end).trimEnd())
  if (!links.length || !(isLine || breaks || links.length > 1))
    return { before: html, links: [], inside: false, open: '<p>' }
  const before = alone ? html.slice(0, opened) : html.slice(0, end) + (closed ? P : '')
  return { before, links, inside: closed && !alone, open }
}

/** The index after the last non-blank character of the HTML up to `end`. */
function trimmed(html: string, end: number): number {
  for (;;) {
    const blank = BLANK.exec(html.slice(Math.max(0, end - MAX_BLANK), end))?.[0]
    if (!blank) return end
    end -= blank.length
  }
}

const withoutCard = (html: string, card: string) =>
  endOf(html, (link) => isBare(link) && isSame(addressOf(link), card), 1).before

/** A link whose text is its URL: the host and the start of the path, with the rest hidden but copyable. */
function shortened(link: string): string {
  if (!isBare(link) || link.includes('class="invisible"')) return link
  const [, open, said, close] = /^(<a\b[^>]*>)(.*?)(<\/a>)$/s.exec(link) ?? []
  const parts = /^(https?:\/\/(?:www\.)?)([^/?#<]+)([^<]*)$/.exec(said ?? '')
  if (!parts) return link
  const [, scheme, host, way = ''] = parts
  const letters = way.match(/&#?\w+;|./gsu) ?? []
  const seen = letters.length > WAY + 1 ? letters.slice(0, WAY).join('') : way.replace(/^\/$/, '')
  const rest = way.slice(seen.length)
  const shown = rest.length > 1 ? `<span class="ellipsis">${host}${seen}</span>` : `${host}${seen}`
  return `${open}<span class="invisible">${scheme}</span>${shown}${rest && `<span class="invisible">${rest}</span>`}${close}`
}

const isTag = (link: string) => /^<a\b[^>]*class="[^"]*\bhashtag\b/.test(link)
const textOf = (html: string) => html.replace(/<[^>]*>/g, '')
const addressOf = (link: string) => /href="([^"]*)"/.exec(link)?.[1]?.replaceAll('&amp;', '&') ?? ''
const isSame = (one: string, other: string) => one.replace(/\/$/, '') === other.replace(/\/$/, '')
/** Whether a link's text is its URL, as networks write it. */
const isBare = (link: string) => /^https?:\/\/\S+$/.test(textOf(link))
