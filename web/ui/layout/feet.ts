// The feet of a screen's columns: what the placed cards leave empty above its lower edge, and how little of it stays.

import type { Placement } from './fill'
import { giveLines, grown, lower, lowestOf } from './yield'

/** The share of a column that is worth a shortened post or a larger last card. */
const MUCH = 1 / 10
/** The share of a column that is worth lines of the posts above, too. */
const VERY_MUCH = 1 / 8
/** The number of cards without room that are tried. */
const NEWEST = 12

/** The cards of a screen, newest first, with their heights (px). */
export interface Screen {
  cards: HTMLElement[]
  heights: number[]
  count: number
  gap: number
  room: number
}

type Placements = (Placement | null)[]

/** The top of the next card in each column. */
export function endsOf(placements: Placements, { heights, count, gap }: Omit<Screen, 'cards'>): number[] {
  return Array.from({ length: count }, (_, column) => {
    const ends = placements.map((stand, at) => (stand?.column === column ? stand.y + heights[at]! + gap : 0))
    return Math.max(0, ...ends)
  })
}

/**
 * Shorten the newest posts without room where much of a column would stay empty: a few posts that end in “…” are better
 * than empty feet. Where they are still too high, the posts above them give up lines, too. Returns whether any became
 * lower.
 */
export function shorten(placements: Placements, screen: Screen): boolean {
  const { cards, heights, gap, room } = screen
  const left = endsOf(placements, screen).map((end) => room - end)
  if (Math.max(...left) < room * MUCH) return false
  const waiting = cards.flatMap((_, at) => (placements[at] ? [] : [at])).slice(0, NEWEST)
  const lowest = lowestOf(waiting.map((at) => cards[at]!))
  let isLower = false
  waiting.forEach((at, index) => {
    const most = Math.max(...left)
    if (most < room * MUCH) return
    const column = left.indexOf(most)
    const over = lowest[index]! - most
    if (over > 0) {
      if (most < room * VERY_MUCH) return
      const gained = gain(screen, placements, column, over)
      if (!gained) return
      left[column]! += gained
    }
    heights[at] = lower(cards[at]!, left[column]!)
    left[column]! -= heights[at]! + gap
    isLower = true
  })
  return isLower
}

/** What the cards of a column give up, at least `want` (px); 0 if they can't. */
function gain({ cards, heights }: Screen, placements: Placements, column: number, want: number): number {
  const above = cards.flatMap((_, at) => (placements[at]?.column === column ? [at] : []))
  const sum = () => above.reduce((all, at) => all + heights[at]!, 0)
  const before = sum()
  const shown = above.map((at) => cards[at]!)
  if (!giveLines(shown, want)) return 0
  for (const at of above) heights[at] = cards[at]!.offsetHeight
  return before - sum()
}

/** Let the last card of a column take what is left there, while others wait: with words that were cut, and its picture. */
export function growLast(placements: Placements, screen: Screen): void {
  const { cards, heights, gap, room } = screen
  if (!placements.includes(null)) return
  endsOf(placements, screen).forEach((end, column) => {
    const left = room - end + gap
    const last = placements.findLastIndex((stand) => stand?.column === column)
    if (last >= 0 && left >= room * MUCH) heights[last] = grown(cards[last]!, heights[last]! + left)
  })
}

/**
 * The placements with wider gaps, all by the same measure, so that the columns have one rhythm: as wide as the fullest
 * column allows, at most doubled. It changes from `before` only where it must, or by much: each change moves all cards.
 */
export function spread(
  placements: Placements,
  screen: Omit<Screen, 'cards'>,
  before?: number,
): { placements: Placements; extra: number } {
  const { gap, room } = screen
  if (!placements.includes(null)) return { placements, extra: 0 }
  const inColumn = (column: number) => placements.filter((stand) => stand?.column === column)
  const shares = endsOf(placements, screen).map(
    (end, column) => (room - end + gap) / (inColumn(column).length - 1),
  )
  const most = Math.floor(Math.min(gap, ...shares.filter((share) => share >= 0 && share < Infinity)))
  const holds = before !== undefined && before <= most && most - before < gap / 2
  const extra = holds ? before : most
  const spaced = placements.map((stand) => {
    if (!stand) return null
    const above = inColumn(stand.column).filter((other) => other!.y < stand.y).length
    return { ...stand, y: stand.y + above * extra }
  })
  return { placements: spaced, extra }
}
