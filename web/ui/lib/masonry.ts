// Where each card stands: columns that a card keeps for life, so that an arrival moves only what is below it.
// It owns the cards' places and nothing else of them. The same code runs before the first paint and ever after.

import { markLong } from './clamp'

export interface Place {
  y: number
  shown: boolean
}

/** How many columns of at least `least` fit into `width`, and how wide they then are. */
export function columnsFor(width: number, least: number, gap: number): { count: number; width: number } {
  const count = Math.max(1, Math.floor((width + gap) / (least + gap)))
  return { count, width: (width - gap * (count - 1)) / count }
}

/** A column for each card. Those that have one keep it; each other goes where there is least so far. */
export function assign(
  cards: { column: number | null; height: number }[],
  count: number,
  gap: number,
): number[] {
  const heights = new Array<number>(count).fill(0)
  const keeps = (column: number | null) => column !== null && column < count
  for (const { column, height } of cards) if (keeps(column)) heights[column!]! += height + gap
  return cards.map(({ column, height }) => {
    if (keeps(column)) return column!
    const shortest = heights.indexOf(Math.min(...heights))
    heights[shortest]! += height + gap
    return shortest
  })
}

/**
 * The places of one column's cards, top down. With a `room`, what would cross its lower edge is not shown, and a
 * shorter card further down may take what is left.
 */
export function stack(heights: number[], gap: number, room = Infinity): { places: Place[]; height: number } {
  let y = 0
  const places = heights.map((height) => {
    const place = { y, shown: y + height <= room }
    if (place.shown) y += height + gap
    return place
  })
  return { places, height: Math.max(0, y - gap) }
}

/** Put every card of `root` in its place. `root`'s column-width and column-gap say what a column is. */
export function arrange(root: HTMLElement, room = Infinity): void {
  const style = getComputedStyle(root)
  const gap = parseFloat(style.columnGap) || 0
  const columns = columnsFor(root.clientWidth, parseFloat(style.columnWidth) || root.clientWidth, gap)
  const cards = [...root.children].filter((child): child is HTMLElement => child.matches('[data-key]'))
  const again = root.dataset.laid !== String(columns.count)
  root.style.setProperty('--w', `${columns.width}px`)
  root.dataset.laid = String(columns.count)

  markLong(root)
  const measured = cards.map((card) => ({
    column: again || card.dataset.column === undefined ? null : Number(card.dataset.column),
    height: card.hidden ? -gap : card.offsetHeight,
  }))
  const chosen = assign(measured, columns.count, gap)
  let tallest = 0
  for (let column = 0; column < columns.count; column++) {
    const mine = cards.flatMap((card, at) =>
      chosen[at] === column ? [{ card, height: measured[at]!.height }] : [],
    )
    const { places, height } = stack(
      mine.map((one) => one.height),
      gap,
      room,
    )
    mine.forEach(({ card }, at) => put(card, column, column * (columns.width + gap), places[at]!))
    tallest = Math.max(tallest, height)
  }
  root.style.height = `${Math.min(tallest, room)}px`
  appear(root, cards)
}

/** A card that is not shown stays where it last stood: fading on its way down, it would be cut by the lower edge. */
function put(card: HTMLElement, column: number, x: number, { y, shown }: Place): void {
  card.toggleAttribute('data-comes', shown && card.hasAttribute('data-off'))
  if (!shown) card.toggleAttribute('data-off', true)
  const stays = !shown && card.dataset.column === String(column)
  card.dataset.column = String(column)
  if (stays) return
  card.style.setProperty('--x', `${x}px`)
  card.style.setProperty('--y', `${y}px`)
}

/**
 * A new card, and one that comes from below the edge, stand in their place before they may be seen to move or appear:
 * otherwise the browser would lead them there from the corner.
 */
function appear(root: HTMLElement, cards: HTMLElement[]): void {
  const coming = cards.filter((card) => card.hasAttribute('data-comes') || !card.hasAttribute('data-placed'))
  if (!coming.length) return
  void root.offsetHeight // the browser takes note of the places
  for (const card of coming) {
    card.toggleAttribute('data-placed', true)
    if (!card.hasAttribute('data-comes')) continue
    card.removeAttribute('data-comes')
    card.removeAttribute('data-off')
  }
}
