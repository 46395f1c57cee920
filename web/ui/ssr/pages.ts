// Server-side rendering in a bare V8: one function from a page's name and props (JSON) to HTML.
import './bare'
import { render } from 'svelte/server'
import type { Boot } from '../live/types'
import { WallPage } from '../wall/page.svelte'
import { coloursOf } from '../wall/colours'
import Head from '../wall/Head.svelte'
import Wall from '../wall/Wall.svelte'

const pages: Record<string, (props: unknown) => { head: string; body: string }> = {
  wall: (props) => {
    const page = new WallPage(props as Boot)
    const { head } = render(Head, { props: { page } })
    const { body } = render(Wall, { props: { page, links: null, colours: coloursOf(page.wall.look) } })
    return { head, body }
  },
}

function renderPage(name: string, props: string): string {
  const page = pages[name]
  if (!page) throw new Error(`no page “${name}”`)
  const { head, body } = page(JSON.parse(props))
  return JSON.stringify({ head, body })
}

Object.assign(globalThis, { renderPage })
