// What networks are called, and what to say of how a post comes to a wall.
import { clock } from './time'
import type { WallBody } from '../live/types'

const NAMES: Record<string, string> = {
  mastodon: 'Mastodon',
  feeds: 'the web',
  rehearsal: 'the rehearsal',
}
/** Where whoever is on one of many servers can post to all of them. */
const PLACES: Record<string, string> = { mastodon: 'Mastodon or any server of the Fediverse' }

export function networkName(network: string): string {
  return NAMES[network] ?? network
}

/** What cannot come to the wall at the moment: `Nothing from Mastodon since 10:42`. Empty while all is well. */
export function silence({ silent = [], time_zone }: WallBody): string {
  if (!silent.length) return ''
  const names = silent.map(({ network }) => networkName(network))
  const since = Math.min(...silent.map((each) => Date.parse(each.since)))
  return `Nothing from ${names.join(' or ')} since ${clock(since, time_zone)}`
}

/** How a post with the wall's hashtag comes to it: where to post, and who decides. Empty where nobody can post to it. */
export function howToPost({ hashtag, mode, networks }: WallBody): string {
  if (!hashtag || (networks && !networks.length)) return ''
  const places = (networks ?? []).map((network) => PLACES[network] ?? networkName(network))
  const where = places.length ? ` on ${places.join(' or ')}` : ''
  const then = {
    open: 'Your post appears here by itself, usually within half a minute.',
    approve: 'An organiser looks at each post before it appears here.',
  }
  return `Post in public with this hashtag${where}. ${mode ? then[mode] : ''}`.trim()
}
