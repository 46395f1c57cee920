// The wall page in a browser: take over the cards that the server drew, go on from what was kept, and stay live.
import '../lib/base.css'
import { hydrate, mount } from 'svelte'
import type { Boot } from '../lib/types'
import { WallPage } from './page.svelte'
import { run } from './run'
import Wall from './Wall.svelte'

const target = document.getElementById('app')!
const boot = JSON.parse(document.getElementById('boot')!.textContent!) as Boot
const page = new WallPage(boot)
const links = run(page)
const options = { target, props: { page, links } }
if (target.firstChild) hydrate(Wall, options)
else mount(Wall, options)
links.start()
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => undefined)
