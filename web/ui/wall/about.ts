// The sheet about the wall, loaded when it is first opened.
import { flushSync, mount } from 'svelte'
import About from './About.svelte'
import type { WallPage } from './page.svelte'

let sheet: { show(): void } | undefined

/** Open it, in the wall's own colours. */
export function showAbout(page: WallPage): void {
  sheet ??= mount(About, { target: document.querySelector('.wall')!, props: { page } })
  flushSync()
  sheet.show()
}
