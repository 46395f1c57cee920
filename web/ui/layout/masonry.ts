// The masonry layout. A card keeps its column while it is shown, so that an arrival only moves cards below it.
// It positions the cards and reports the free part of a screen, before the first paint and after.

import { markLong } from './clamp'
import { fill, type Placement, type Standing } from './fill'
import { largestFree } from './free'
import { giveWay, lowered } from './yield'

/** The share of a hall's column that is worth a shortened post. */
const MUCH = 1 / 4
/** The number of cards without room that are tried. */
const NEWEST = 12

/** The number of columns of at least `least` that fit into `width`, and their width; `wanted` is the number asked for. */
export function columnsFor(
  width: number,
  least: number,
  gap: number,
  wanted = 0,
): { count: number; width: number } {
  const count = wanted || Math.max(1, Math.floor((width + gap) / (least + gap)))
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
  const stand = () => {
    const standing = cards.map((card, at) => standingOf(card, heights[at]!, again))
    return (screen ? fill : stack)(standing, columns.count, gap, room)
  }
  let placements = stand()
  if (screen && shorten(cards, heights, placements, columns.count, gap, room)) placements = stand()
  cards.forEach((card, at) => put(card, placements[at]!, columns.width + gap))
  if (screen) markFree(root, endsOf(placements, heights, columns.count, gap), columns.width, gap, room)
  root.style.height = `${Math.max(0, ...placements.map((stand, at) => (stand ? stand.y + heights[at]! : 0)))}px`
  appear(root, cards)
}

/**
 * Shorten the newest posts without room where much of a column would stay empty: a few posts that end in “…” are better
 * than a screen half empty. Returns whether any became lower.
 */
function shorten(
  cards: HTMLElement[],
  heights: number[],
  placements: (Placement | null)[],
  count: number,
  gap: number,
  room: number,
): boolean {
  const left = endsOf(placements, heights, count, gap).map((end) => room - end)
  const waiting = cards.flatMap((_, at) => (placements[at] ? [] : [at])).slice(0, NEWEST)
  let lower = false
  for (const at of waiting) {
    const most = Math.max(...left)
    if (most < room * MUCH) break
    const height = lowered(cards[at]!, most)
    if (height === null) continue
    heights[at] = height
    left[left.indexOf(most)]! -= height + gap
    lower = true
  }
  return lower
}

/** The top of the next card in each column. */
function endsOf(placements: (Placement | null)[], heights: number[], count: number, gap: number): number[] {
  return Array.from({ length: count }, (_, column) => {
    const ends = placements.map((stand, at) => (stand?.column === column ? stand.y + heights[at]! + gap : 0))
    return Math.max(0, ...ends)
  })
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
  return { height, column: card.hasAttribute('data-off') ? null : column, fresh: column === null && !again }
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
