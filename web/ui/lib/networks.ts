// Names of networks, and sentences on how to post to a wall.
import { clock } from './time'
import type { WallBody } from '../live/types'

const NAMES: Record<string, string> = {
  mastodon: 'Mastodon',
  misskey: 'Misskey',
  lemmy: 'Lemmy',
  peertube: 'PeerTube',
  bluesky: 'Bluesky',
  youtube: 'YouTube',
  hackernews: 'Hacker News',
  flickr: 'Flickr',
  feeds: 'the web',
  rehearsal: 'the rehearsal',
}
/** Networks of the Fediverse: a post on any of their servers reaches the wall. */
const FEDIVERSE = new Set(['mastodon', 'misskey'])

const TRUSTED_FIRST = 'An organiser looks at posts of new authors before they appear here.'
const FIRST_APPROVED = 'An organiser looks at each post before it appears here.'

export function networkName(network: string): string {
  return NAMES[network] ?? network
}

/** The networks that don't answer: `No answer from Mastodon since 10:42`. Empty if all do. */
export function silence({ silent = [], time_zone }: WallBody): string {
  if (!silent.length) return ''
  const names = silent.map(({ network }) => networkName(network))
  const since = Math.max(...silent.map((each) => Date.parse(each.since))) // before that, one of them still answered
  return `No answer from ${names.join(' or ')} since ${clock(since, time_zone)}`
}

/** The networks on which people can post with the wall's hashtag. Feeds and rehearsals don't count. */
function openNetworks(networks: string[] = []): string[] {
  return networks.filter((network) => network !== 'feeds' && network !== 'rehearsal').map(networkName)
}

/** The words above the hashtag: `Post on Mastodon with`. The first network is named, the others counted. */
export function postOn(wall: WallBody): string {
  const [first, ...others] = openNetworks(wall.networks)
  if (!first) return 'Say it with'
  const rest = others.length > 1 ? `${others.length} other networks` : others[0]
  return `Post on ${first}${rest ? ` or ${rest}` : ''} with`
}

/** How to post to the wall: where, and who decides. Empty if posting isn't possible. */
export function howToPost({ hashtag, mode, networks, silent = [] }: WallBody): string {
  if (!hashtag || (networks && !networks.length)) return ''
  const federated = (networks ?? []).filter((network) => FEDIVERSE.has(network)).map(networkName)
  const others = (networks ?? []).filter((network) => !FEDIVERSE.has(network)).map(networkName)
  const places = [
    ...(federated.length ? [`${federated.join(', ')} or any server of the Fediverse`] : []),
    ...others,
  ]
  const where = places.length ? ` on ${places.join(' or ')}` : ''
  const isSilent = networks?.some((network) => silent.some((each) => each.network === network))
  const then = {
    open: isSilent ? '' : 'Your post appears here automatically, usually within half a minute.',
    trusted: TRUSTED_FIRST,
    approve: FIRST_APPROVED,
  }
  return `Post in public with this hashtag${where}. ${mode ? then[mode] : ''}`.trim()
}

/** How posts come to a wall that people can't post to; empty where nothing comes at present. */
export function howPostsCome({ mode, silent, has_sources }: WallBody): string {
  if (has_sources === false) return 'Nothing is followed yet.'
  if (mode === 'approve') return FIRST_APPROVED
  if (mode === 'trusted') return TRUSTED_FIRST
  return silent?.length ? '' : 'Posts appear here automatically.'
}
