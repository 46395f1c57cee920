// The pictures that a post brought into this browser, and their end when the post is taken away.
import type { Body } from './types'

/** The cache in which public/sw.js keeps them. */
const FILES = 'files-1'

/** Where the pictures are that are this post's own. Its author's portrait is not: other posts show it too. */
export function ownPictures(body: Body): string[] {
  const pictures = [...(body.media ?? []).map((medium) => medium.picture), body.card?.picture]
  const ids = pictures.flatMap((picture) => (picture?.id ? [picture.id] : []))
  return ids.flatMap((id) => [`/media/${id}/s.webp`, `/media/${id}/l.webp`])
}

/** Let go of the pictures of posts that were taken away. A picture that another post shows too is fetched anew. */
export async function forgetPictures(bodies: Body[]): Promise<void> {
  const files = bodies.flatMap(ownPictures)
  if (!files.length || typeof caches === 'undefined') return
  const cache = await caches.open(FILES)
  await Promise.all(files.map((file) => cache.delete(file)))
}
