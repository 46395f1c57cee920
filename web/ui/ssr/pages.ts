// Pages on the server: one function, from a page's name and its props as JSON to HTML, in a bare V8.
import './bare'
import { render } from 'svelte/server'
import type { Boot } from '../live/types'
import { WallPage } from '../wall/page.svelte'
import Wall from '../wall/Wall.svelte'

const pages: Record<string, (props: unknown) => { head: string; body: string }> = {
  wall: (props) => render(Wall, { props: { page: new WallPage(props as Boot), links: null } }),
}

function renderPage(name: string, props: string): string {
  const page = pages[name]
  if (!page) throw new Error(`no page “${name}”`)
  const { head, body } = page(JSON.parse(props))
  return JSON.stringify({ head, body })
}

Object.assign(globalThis, { renderPage })
