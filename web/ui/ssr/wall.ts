// The wall page on the server: one function, from the page's JSON to its HTML, in a V8 that has nothing but JavaScript.
import './bare'
import { render } from 'svelte/server'
import type { Boot } from '../live/types'
import { WallPage } from '../wall/page.svelte'
import Wall from '../wall/Wall.svelte'

function renderWall(json: string): string {
  const page = new WallPage(JSON.parse(json) as Boot)
  const { head, body } = render(Wall, { props: { page, links: null } })
  return JSON.stringify({ head, body })
}

Object.assign(globalThis, { renderWall })
