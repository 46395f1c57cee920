// Addresses (URLs) in a post's words: linked where the network left them as text, and set short. Pure.

/** Letters of a URL's path that are shown after its host. */
const WAY = 20
/** A link, the code of a program, any other tag, or an address in the text between them. */
const PARTS = /<(a|code|pre)\b.*?<\/\1>|<[^>]*>|https?:\/\/(?:(?!&(?:quot|lt|gt|nbsp);)[^\s<>"])+/gis
/** Punctuation after an address that belongs to its sentence, and brackets that may. */
const TAIL = ".,;:!?'…*_"
const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const ENTITY = /&\w{1,8};$/

/** Whether a link's text is its URL, as networks write it. */
export const isBare = (link: string) => /^https?:\/\/\S+$/.test(textOf(link))

/** Whether the link leads to that address. */
export const leadsTo = (link: string, address: string) => bare(addressOf(link)) === bare(address)

export const textOf = (html: string) => html.replace(/<[^>]*>/g, '')

/** Link addresses in plain text, as connectors/text/html.py links those of a post without HTML. */
export function withLinks(html: string): string {
  return html.replace(PARTS, (part) => {
    if (part.startsWith('<')) return part
    const url = withoutTail(part)
    if (!/^https?:\/\/\w/i.test(url)) return part
    return `<a href="${url}" target="_blank" rel="nofollow noopener noreferrer ugc">${url}</a>${part.slice(url.length)}`
  })
}

/** The URL without the sentence's own punctuation; a closing bracket stays if the URL has opened it. */
function withoutTail(url: string): string {
  const count = (sign: string) => url.split(sign).length
  const surplus = new Map(Object.entries(PAIRS).map(([close, open]) => [close, count(close) - count(open)]))
  let end = url.length
  for (; end; end--) {
    const last = url[end - 1]!
    const unopened = surplus.get(last) ?? 0
    if (unopened > 0) surplus.set(last, unopened - 1)
    else if (!TAIL.includes(last) || ENTITY.test(url.slice(Math.max(0, end - 10), end))) break
  }
  return url.slice(0, end)
}

/** A link whose text is its URL: the host and the start of the path, with the rest hidden but copyable. */
export function shortened(link: string): string {
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

const addressOf = (link: string) => /href="([^"]*)"/.exec(link)?.[1]?.replaceAll('&amp;', '&') ?? ''
const bare = (address: string) => address.replace(/\/$/, '')
