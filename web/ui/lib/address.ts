// Addresses (URLs) in a post's words, set short. Pure.

/** Letters of a URL's path that are shown after its host. */
const WAY = 20
/** Whether a link's text is its URL, as networks write it. */
export const isBare = (link: string) => /^https?:\/\/\S+$/.test(textOf(link))

/** Whether the link leads to that address. */
export const leadsTo = (link: string, address: string) => bare(addressOf(link)) === bare(address)

export const textOf = (html: string) => html.replace(/<[^>]*>/g, '')

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
