// The page as a preview inside of the desk, which sends it a look that is not saved yet. Nobody else can: messages of
// other origins, and of other windows than the one around the page, are ignored.
import type { WallPage } from './page.svelte'
import { LOOK, READY } from './preview_messages'

export const isPreview = () => parent !== window && new URLSearchParams(location.search).has('preview')

export function showUnsavedLook(page: WallPage): void {
  addEventListener('message', ({ source, origin, data }: MessageEvent) => {
    if (source === parent && origin === location.origin && data?.kind === LOOK) page.look = data.look
  })
  parent.postMessage({ kind: READY }, location.origin)
}
