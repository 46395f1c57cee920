// How a post's words are set: short addresses, quiet tags at the end, nothing that the card or the wall says anyway.
// Pure. It reads HTML that connectors/text/html.py has made: well-formed, its links never inside one another.
import { partsOf } from './letters'

const LINK = /<a\b[^>]*>.*?<\/a>/gs
const BLANK = /(?:\s|&nbsp;|<br>)$/
const LONGEST_BLANK = 6
/** Letters of a hashtag from which on it may be broken. */
const LONG_TAG = 24
/** Letters of an address's way that are shown behind its host. */
const WAY = 20

export interface Around {
  /** The wall's own hashtag, with or without its `#`: at the end it says nothing. */
  tag?: string
  /** The address that a card beneath shows: at the end it says nothing either. */
  card?: string | undefined
}

/** The HTML as a page shows it. Words that would be left with nothing stay as they are. */
export function setWords(html: string, { tag = '', card }: Around): string {
  const own = `#${tag.replace(/^#/, '').toLowerCase()}`
  const closing = endOf(html, isTag)
  const others = closing.links.filter((link) => textOf(link).toLowerCase() !== own)
  const quiet = others.length ? `<span class="tags">${others.join(' ')}</span>` : ''
  const said = withMarkedEnd(card ? withoutCard(closing.before, card) : closing.before)
  const set = closing.links.length ? joined(said, quiet, closing) : said
  return withQuietEnd(textOf(set).trim() ? set : html, own).replace(LINK, (link) => broken(shortened(link)))
}

/** The wall's own hashtag that is left at the very end, since it may belong to the sentence, is as quiet as the others. */
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

/** The link with which the words end, and where that is. */
function lastLink(html: string): { end: number; link: string } {
  const closed = html.trimEnd().endsWith(P)
  const end = trimmed(html, closed ? html.trimEnd().length - P.length : html.length)
  const start = html.endsWith('</a>', end) ? html.lastIndexOf('<a ', end - 1) : -1
  return { end, link: start < 0 ? '' : html.slice(start, end) }
}

/** A hashtag that may be longer than its line breaks between its words. */
function broken(link: string): string {
  if (!isTag(link) || textOf(link).length < LONG_TAG) return link
  return link.replace(/[^<>]+(?=<)/g, (words) => partsOf(words).join('<wbr>'))
}

/** Names in plain words, `@name` or `#tag`, each in its own direction: in words that run left the sign would be behind. */
export function withNamesApart(html: string): string {
  return html.replace(/(^|[\s>(])([@#][A-Za-z0-9_][\w.@-]*)(?![^<]*>)/g, '$1<bdi>$2</bdi>')
}

const P = '</p>'

/** `more` behind the last words of `html`, or in a paragraph of its own. */
function joined(html: string, more: string, { inside, open }: End): string {
  if (!more) return html
  return inside && html.endsWith(P) ? `${html.slice(0, -P.length)} ${more}${P}` : `${html}${open}${more}${P}`
}

/** Addresses that close a post are marked: where nobody can follow them they need not be shown. */
function withMarkedEnd(html: string): string {
  const end = endOf(html, isBare)
  if (!textOf(end.before).trim()) return html
  return joined(end.before, end.links.map((link) => link.replace('<a ', '<a data-closing ')).join(' '), end)
}

/**
 * HTML taken apart before the links that close it: `inside`, where they stand in a paragraph with other words; `open` is
 * how a paragraph of their own begins.
 */
interface End {
  before: string
  links: string[]
  inside: boolean
  open: string
}

/** What ends a sentence or a line: behind it a link closes the post, anywhere else it is one of its words. */
const SENTENCE_ENDS =
  /(?:(?![,،、，])[\p{Po}\p{Pe}\p{Pf}"]|\p{Extended_Pictographic}\ufe0f?|<br>|<img\b[^<>]*>|<\/(?:ul|ol|blockquote|pre)>)$/u
/** Signs of HTML in which a sentence's end is looked for: an emoji's picture is the longest. */
const LONGEST_END = 400

/** From behind, since nothing but the end is looked at: so its work grows with the length alone. */
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
  const isLine =
    alone || !end || SENTENCE_ENDS.test(html.slice(Math.max(0, end - LONGEST_END), end).trimEnd())
  if (!links.length || !(isLine || breaks || links.length > 1))
    return { before: html, links: [], inside: false, open: '<p>' }
  const before = alone ? html.slice(0, opened) : html.slice(0, end) + (closed ? P : '')
  return { before, links, inside: closed && !alone, open }
}

/** Where the HTML up to `end` has its last sign that is not blank. */
function trimmed(html: string, end: number): number {
  for (;;) {
    const blank = BLANK.exec(html.slice(Math.max(0, end - LONGEST_BLANK), end))?.[0]
    if (!blank) return end
    end -= blank.length
  }
}

const withoutCard = (html: string, card: string) =>
  endOf(html, (link) => isBare(link) && isSame(addressOf(link), card), 1).before

/** A link that says its address: host and a little of the way, the rest for those who copy it. */
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
/** Whether a link's words are an address, as networks make them of it. */
const isBare = (link: string) => /^https?:\/\/\S+$/.test(textOf(link))
