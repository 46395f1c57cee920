// What the script in the document, wall/first_paint.ts, leaves for the page's script, so that it is sent once: the layout
// and the offline copy, which it needs before the first paint.
import type { OfflineCopy } from '../live/offline_copy'

interface Shared {
  arrange(root: HTMLElement, room: number): void
  copy: OfflineCopy
}

declare global {
  var wallShared: Shared
}

/** Leave it for the page's script. */
export function share(shared: Shared): void {
  globalThis.wallShared = shared
}

/** Position the cards, as layout/masonry.ts does. */
export function arrange(root: HTMLElement, room: number): void {
  globalThis.wallShared.arrange(root, room)
}

/** The offline copy of this wall. */
export const offlineCopy = () => globalThis.wallShared.copy
