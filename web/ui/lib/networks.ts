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
  const since = Math.max(...silent.map((each) => Date.parse(each.since))) // before that one of them was heard
  return `Nothing from ${names.join(' or ')} since ${clock(since, time_zone)}`
}

/** Networks on which anybody can post with the wall's hashtag: a feed is not a place to post, a rehearsal neither. */
function openNetworks(networks: string[] = []): string[] {
  return networks.filter((network) => network !== 'feeds' && network !== 'rehearsal').map(networkName)
}

/** What stands above the hashtag: `Post on Mastodon with`. Of many networks the first is named and the others counted. */
export function postOn(wall: WallBody): string {
  const [first, ...others] = openNetworks(wall.networks)
  if (!first) return 'Say it with'
  const rest = others.length > 1 ? `${others.length} other networks` : others[0]
  return `Post on ${first}${rest ? ` or ${rest}` : ''} with`
}

/** What is shown and what is taken away: a feed never tells that one of its entries was deleted. */
export function whatIsShown(networks: string[]): string {
  const names = openNetworks(networks)
  if (!names.length) return 'Public posts only. Edited posts change here.'
  return `Public posts only. Edited posts change here, and what is deleted on ${names.join(' or ')} leaves every screen.`
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
