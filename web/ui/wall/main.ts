// The wall page in a browser: hydrate the server-rendered cards, apply the offline copy, and stay live.
import '../lib/base.css'
import { flushSync, hydrate, mount } from 'svelte'
import type { Boot } from '../live/types'
import { WallPage } from './page.svelte'
import { isPreview, showUnsavedLook } from './preview'
import { run, type Links } from './run'
import Wall from './Wall.svelte'

const target = document.getElementById('app')!
const start = document.getElementById('boot')!
const boot = JSON.parse(start.textContent!) as Boot
start.remove() // otherwise removed posts would remain in it
const page = new WallPage(boot)
// Hydration must match the server's HTML; changes come afterwards.
const asks: Links = {
  older: () => links?.older(),
  release: () => links?.release(),
  about: async () => (await links?.about()) ?? false,
}
let links: Links | undefined

function begin(): void {
  const draw = target.firstChild ? hydrate : mount
  const colours = target.querySelector('.wall')?.getAttribute('style') ?? ''
  draw(Wall, { target, props: { page, links: asks, colours } })
  flushSync()
  links = run(page)
  if (isPreview()) showUnsavedLook(page)
}

// Start after the first paint. A hidden page isn't painted, so it starts at once.
if (document.visibilityState === 'hidden') begin()
else requestAnimationFrame(() => setTimeout(begin))
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => undefined)
