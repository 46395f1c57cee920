// What leaving an author out has come to, in words. Pure.
import { many } from '../queue/wording'

/** `Left out @ada@quay.example: 2 posts erased, 1 post hidden.` */
export function erasedWords(
  handle: string,
  { changed, erased, hidden }: { changed: boolean; erased: number; hidden: number },
): string {
  const rest = hidden ? `, ${many(hidden, 'post')} hidden` : ''
  const counts = `${many(erased, 'post')} erased${rest}`
  return changed ? `Left out ${handle}: ${counts}.` : `${handle} was left out already: ${counts}.`
}
