// What the page shows before the server has confirmed it: a part of a post's body, until a newer version comes. Pure.
import type { DeskBody } from '../../live/types'
import type { DeskPost } from './items'

export interface Guess {
  /** The version of the item that was seen. */
  version: number
  change: Partial<DeskBody>
}

export type Overlay = ReadonlyMap<string, Guess>

/** The posts with the guesses about them. A newer version of a post is the truth. */
export function withGuesses(posts: readonly DeskPost[], overlay: Overlay): Map<string, DeskPost> {
  return new Map(
    posts.map((post) => {
      const guess = overlay.get(post.key)
      const isOpen = guess && guess.version === post.body.version
      return [post.key, isOpen ? { ...post, body: { ...post.body, ...guess.change } } : post]
    }),
  )
}

/** The guesses that no newer version has settled. */
export function openGuesses(overlay: Overlay, posts: readonly DeskPost[]): Overlay {
  if (!overlay.size) return overlay
  const versions = new Map(posts.map((post) => [post.key, post.body.version]))
  const open = [...overlay].filter(([key, guess]) => versions.get(key) === guess.version)
  return open.length === overlay.size ? overlay : new Map(open)
}
