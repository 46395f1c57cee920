// Removes a post's pictures from the browser's cache when the post is removed.
import type { Body } from './types'

/** The cache of public/sw.js. */
const FILES = 'files-1'

/** The URLs of the post's own pictures, without the author's: other posts show it, too. */
export function ownPictures(body: Body): string[] {
  const pictures = [...(body.media ?? []).map((medium) => medium.picture), body.card?.picture]
  const ids = pictures.flatMap((picture) => (picture?.id ? [picture.id] : []))
  return ids.flatMap((id) => [`/media/${id}/s.webp`, `/media/${id}/l.webp`])
}

/** Delete the pictures of removed posts. A picture that another post shows, too, is fetched again. */
export async function forgetPictures(bodies: Body[]): Promise<void> {
  const files = bodies.flatMap(ownPictures)
  if (!files.length || typeof caches === 'undefined') return
  const cache = await caches.open(FILES)
  await Promise.all(files.map((file) => cache.delete(file)))
}
