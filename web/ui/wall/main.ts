// The wall page in a browser: take over the cards that the server drew, go on from what was kept, and stay live.
import '../lib/base.css'
import { flushSync, hydrate, mount } from 'svelte'
import type { Boot } from '../live/types'
import { WallPage } from './page.svelte'
import { run, type Links } from './run'
import Wall from './Wall.svelte'

const target = document.getElementById('app')!
const start = document.getElementById('boot')!
const boot = JSON.parse(start.textContent!) as Boot
start.remove() // or what is taken away later would still be written there
const page = new WallPage(boot)
// Components draw first what the server drew; only then may anything change.
const asks: Links = {
  older: () => links?.older(),
  release: () => links?.release(),
  about: async () => (await links?.about()) ?? false,
}
let links: Links | undefined

function begin(): void {
  const draw = target.firstChild ? hydrate : mount
  draw(Wall, { target, props: { page, links: asks } })
  flushSync()
  links = run(page)
}

// What the server drew is seen first. A page that nobody looks at is not painted, and begins at once.
if (document.visibilityState === 'hidden') begin()
else requestAnimationFrame(() => setTimeout(begin))
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => undefined)
