// Server-side rendering in a bare V8: one function from a page's name and props (JSON) to HTML.
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
