// The title of the page.
import type { WallPage } from './page.svelte'

/** The wall's name and hashtag. */
export function titleOf({ wall, boot }: WallPage): string {
  const title = wall.hashtag ? `${wall.name} · #${wall.hashtag}` : wall.name
  return boot.nuggets ? `Nuggets · ${title}` : title
}
