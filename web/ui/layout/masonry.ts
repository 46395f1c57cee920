// The masonry layout. A card keeps its column while it is shown, so that an arrival only moves cards below it.
// It positions the cards and reports the free part of a screen, before the first paint and after.

import { markLong } from './clamp'
import { endsOf, growLast, shorten, spread, type Screen } from './feet'
import { fill, type Placement, type Standing } from './fill'
import { largestFree } from './free'
import { giveWay } from './yield'

/** The share of its ordinary width below which a column would break most words. */
const NARROWEST = 5 / 9

/**
 * The number of columns of at least `least` that fit into `width`, and their width. `wanted` is the number asked for: as
 * many as can still be read.
 */
export function columnsFor(
  width: number,
  least: number,
  gap: number,
  wanted = 0,
): { count: number; width: number } {
  const most = (narrowest: number) => Math.max(1, Math.floor((width + gap) / (narrowest + gap)))
  const count = wanted ? Math.min(wanted, most(least * NARROWEST)) : most(least)
  return { count, width: (width - gap * (count - 1)) / count }
}

/** Place cards without a limit of height. A card keeps its column if it has one, else goes to the shortest. */
export function stack(cards: Pick<Standing, 'height' | 'column'>[], count: number, gap: number): Placement[] {
  const lengths = new Array<number>(count).fill(0)
  const keeps = (column: number | null) => column !== null && column < count
  for (const { column, height } of cards) if (keeps(column)) lengths[column!]! += height + gap
  const columns = cards.map(({ column, height }) => {
    if (keeps(column)) return column!
    const shortest = lengths.indexOf(Math.min(...lengths))
    lengths[shortest]! += height + gap
    return shortest
  })
  const ends = new Array<number>(count).fill(0)
  return columns.map((column, at) => {
    const y = ends[column]!
    ends[column] = y + cards[at]!.height + gap
    return { column, y }
  })
}

/**
 * Position the cards of `root`: all of them, or as many as a screen has `room` for. Columns follow `root`'s column-width
 * and column-gap.
 */
export function arrange(root: HTMLElement, room = Infinity): void {
  const style = getComputedStyle(root)
  const gap = parseFloat(style.columnGap) || 0
  const screen = room < Infinity
  const wanted = screen ? Number(document.documentElement.dataset.columns ?? 0) : 0
  const columns = columnsFor(root.clientWidth, parseFloat(style.columnWidth) || root.clientWidth, gap, wanted)
  const laid = `${columns.count}${screen ? ' on a screen' : ''}`
  const again = root.dataset.laid !== laid
  root.style.setProperty('--w', `${columns.width}px`)
  root.style.setProperty('--room', screen ? `${room}px` : 'none')
  root.dataset.laid = laid

  markLong(root)
  const cards = [...root.children].filter(
    (child): child is HTMLElement => child.matches('[data-key]') && !(child as HTMLElement).hidden,
  )
  if (again) for (const card of cards) delete card.dataset.lowered
  if (screen) giveWay(cards, room)
  const heights = cards.map((card) => card.offsetHeight)
  const standing = () => cards.map((card, at) => standingOf(card, heights[at]!, again))
  const { count, width } = columns
  const placements = screen
    ? onScreen(root, { cards, heights, count, gap, room }, standing, again)
    : stack(standing(), count, gap)
  cards.forEach((card, at) => put(card, placements[at]!, width + gap))
  if (screen) markFree(root, endsOf(placements, { heights, count, gap, room }), width, gap, room)
  root.style.height = `${Math.max(0, ...placements.map((stand, at) => (stand ? stand.y + heights[at]! : 0)))}px`
  appear(root, cards)
}

/** The placements on a screen, with as little left at the feet of its columns as possible. */
function onScreen(
  root: HTMLElement,
  screen: Screen,
  standing: () => Standing[],
  again: boolean,
): (Placement | null)[] {
  const { heights, count, gap, room } = screen
  const fillAll = () => fill(standing(), count, gap, room)
  let placements = fillAll()
  if (shorten(placements, screen)) placements = fillAll()
  const before = again ? undefined : Number(root.dataset.extra)
  const spaced = spread(placements, { heights, count, gap, room }, before)
  root.dataset.extra = String(spaced.extra)
  growLast(spaced.placements, screen)
  return spaced.placements
}

/** Publish the free part of the screen to the feed's parent. */
function markFree(root: HTMLElement, ends: number[], width: number, gap: number, room: number): void {
  const { column, columns, y } = largestFree(ends, room)
  const { style } = root.parentElement!
  style.setProperty('--free-x', `${column * (width + gap)}px`)
  style.setProperty('--free-y', `${y}px`)
  style.setProperty('--free-width', `${columns * (width + gap) - gap}px`)
  style.setProperty('--free-height', `${Math.max(0, room - y)}px`)
}

function standingOf(card: HTMLElement, height: number, again: boolean): Standing {
  const column = again || card.dataset.column === undefined ? null : Number(card.dataset.column)
  const isOff = card.hasAttribute('data-off')
  const fresh = (column === null && !again) || (isOff && 'pinned' in card.dataset)
  return { height, column: isOff ? null : column, fresh }
}

/** Keep a hidden card at its last position: moving down while fading, it would be cut by the lower edge. */
function put(card: HTMLElement, stand: Placement | null, step: number): void {
  card.toggleAttribute('data-comes', stand !== null && card.hasAttribute('data-off'))
  card.dataset.column ??= '0'
  if (!stand) {
    delete card.dataset.lowered
    return void card.toggleAttribute('data-off', true)
  }
  card.dataset.column = String(stand.column)
  card.style.setProperty('--x', `${stand.column * step}px`)
  card.style.setProperty('--y', `${stand.y}px`)
}

/**
 * Position new cards, and those from below the edge, before transitions are enabled: otherwise they would move in from
 * the corner.
 */
function appear(root: HTMLElement, cards: HTMLElement[]): void {
  const coming = cards.filter((card) => card.hasAttribute('data-comes') || !card.hasAttribute('data-placed'))
  if (!coming.length) return
  void root.offsetHeight // forces the browser to apply the positions
  for (const card of coming) {
    card.toggleAttribute('data-placed', true)
    if (!card.hasAttribute('data-comes')) continue
    card.removeAttribute('data-comes')
    card.removeAttribute('data-off')
  }
}
