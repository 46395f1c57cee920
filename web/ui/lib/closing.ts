// The end of a post: its trailing hashtags and bare addresses, which belong to no sentence. Pure.
import { isBare } from './address'

const BLANK = /(?:\s|&nbsp;|<br>)$/
const MAX_BLANK = 6
const P = '</p>'
/** The end of a sentence or line: a link after it is trailing, any other is part of the sentence. */
const SENTENCE_ENDS =
  /(?:(?![,،、，])[\p{Po}\p{Pe}\p{Pf}"]|\p{Extended_Pictographic}\ufe0f?|<br>|<img\b[^<>]*>|<\/(?:ul|ol|blockquote|pre)>)$/u
/** Characters of HTML in which the end of a sentence is searched; an emoji's picture is the longest. */
const MAX_END = 400

/** The trailing links of one paragraph. */
export interface Line {
  links: string[]
  /** Whether the first link, an address, may belong to the sentence before it. */
  isSaid: boolean
  /** Whether they share the paragraph with words. */
  inside: boolean
  /** The start tag of a paragraph of their own. */
  open: string
}

/** HTML split before its trailing links. */
export interface Closing {
  before: string
  lines: Line[]
}

export const isTag = (link: string) => /^<a\b[^>]*class="[^"]*\bhashtag\b/.test(link)

/** Split off the trailing links, paragraph by paragraph. */
export function closingOf(html: string): Closing {
  const lines: Line[] = []
  let before = html
  for (;;) {
    const found = lastLine(before, lines)
    if (!found) return { before, lines }
    before = found.before
    lines.unshift(found.line)
    if (found.line.inside) return { before, lines }
  }
}

/** Append the links of a line to the words before it, or as a paragraph of their own. */
export function joined(before: string, links: string, { inside, open }: Line): string {
  if (!links) return before
  return inside && before.endsWith(P)
    ? `${before.slice(0, -P.length)} ${links}${P}`
    : `${before}${open}${links}${P}`
}

/** The last link of the HTML and the index after it; -1 if it ends otherwise. */
export function lastLink(html: string): { link: string; end: number } {
  const end = trimmed(html, closed(html) ? html.trimEnd().length - P.length : html.length)
  const start = html.endsWith('</a>', end) ? html.lastIndexOf('<a ', end - 1) : -1
  return start < 0 ? { link: '', end: -1 } : { link: html.slice(start, end), end }
}

/** Searched from the end, so that the work is linear. `below` are the lines that were split off. */
function lastLine(html: string, below: Line[]): { before: string; line: Line } | null {
  const run = lastRun(html)
  const { end } = run
  const isClosed = closed(html)
  const opened = html.lastIndexOf('<p', end)
  const alone = isClosed && opened >= 0 && html.indexOf('>', opened) === end - 1
  const isFree =
    alone || run.breaks || !end || SENTENCE_ENDS.test(html.slice(Math.max(0, end - MAX_END), end).trimEnd())
  const said = isFree ? 'nothing' : saidBy(run.links, below)
  const links = said === 'link' ? run.links.slice(1) : run.links
  if (!links.length) return null
  const cut = said === 'link' ? run.ends[0]! : end
  const line = {
    links,
    isSaid: said === 'perhaps',
    inside: isClosed && !alone,
    open: alone ? html.slice(opened, end) : '<p>',
  }
  return { before: alone ? html.slice(0, opened) : html.slice(0, cut) + (isClosed ? P : ''), line }
}

/**
 * What a sentence without an end says with the links after it: nothing with several of a kind; its first link where that
 * stands alone, or is a hashtag before an address (“at #conf LINK”); and perhaps an address before hashtags.
 */
function saidBy([first, second]: string[], below: Line[]): 'nothing' | 'link' | 'perhaps' {
  if (!first || (second && isTag(first) === isTag(second))) return 'nothing'
  if (isTag(first)) return 'link'
  const tagsFollow = second || (below.length && below.every(({ links }) => links.every(isTag)))
  return tagsFollow ? 'perhaps' : 'link'
}

/** The links at the end, the index after each, that before the first, and whether a line break precedes them. */
function lastRun(html: string): { links: string[]; ends: number[]; end: number; breaks: boolean } {
  const links: string[] = []
  const ends: number[] = []
  let end = trimmed(html, closed(html) ? html.trimEnd().length - P.length : html.length)
  let breaks = false
  while (html.endsWith('</a>', end)) {
    const start = html.lastIndexOf('<a ', end - 1)
    const link = html.slice(start, end)
    if (start < 0 || !(isTag(link) || isBare(link))) break
    links.push(link)
    ends.push(end)
    end = trimmed(html, start)
    breaks = html.slice(end, start).includes('<br>')
  }
  return { links: links.reverse(), ends: ends.reverse(), end, breaks }
}

const closed = (html: string) => html.trimEnd().endsWith(P)

/** The index after the last non-blank character of the HTML up to `end`. */
function trimmed(html: string, end: number): number {
  for (;;) {
    const blank = BLANK.exec(html.slice(Math.max(0, end - MAX_BLANK), end))?.[0]
    if (!blank) return end
    end -= blank.length
  }
}
