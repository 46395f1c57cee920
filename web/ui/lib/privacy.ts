// Sentences on what a wall shows of its authors, and on how to be left out. Only the sheet about the wall has them.
import type { Operator } from '../live/types'
import { networkName } from './networks'

/** Networks whose deletions leave every screen, and whose authors may ask in their profiles to be left out. */
const SOCIAL = new Set(['mastodon', 'misskey', 'lemmy', 'peertube', 'bluesky', 'hackernews'])

/** The sentences on edits and deletions, which not every network reports. */
export function whatIsShown(networks: string[]): string {
  const names = networks.filter((network) => SOCIAL.has(network)).map(networkName)
  if (!names.length) return 'Public posts only. Edited posts change here.'
  return `Public posts only. Edited posts change here, and posts deleted on ${names.join(' or ')} leave every screen.`
}

/** How to be left out of the wall, and the address of the people to ask for it, if any. Empty words if there is no way. */
export function howToLeave(
  networks: string[],
  { contact, imprint }: Operator,
): { words: string; ask?: string } {
  const ask = contact || imprint
  const names = networks.filter((network) => SOCIAL.has(network)).map(networkName)
  const mark = `Write #nobot or #noindex into your profile on ${names.join(' or ')}`
  if (!ask) return { words: names.length ? `${mark}, or delete the post.` : '' }
  return { words: names.length ? `${mark}, or delete the post, or ask` : 'Ask', ask }
}
