// Fills a hall's screen: columns that end at its lower edge, with as little space left as the posts allow. Pure.
// Visible cards keep their column and order; only hidden ones may be placed elsewhere.

/** The number of newest fitting cards to choose from: much older ones don't belong beside new ones. */
const NEAR = 12
/** The number of cards at the foot of a column that are chosen together. */
const FEW = 3
/** Older posts replace newer ones only if that fills more of the room than this. */
const EMPTY = 1 / 10

/** One card, among the others newest first. */
export interface Standing {
  height: number
  /** The column in which it is shown; null if it isn't. */
  column: number | null
  /** Whether it has just arrived. */
  fresh: boolean
}

export interface Placement {
  column: number
  y: number
}

/**
 * The placement of each card; null without room. An arrival goes to the column where it pushes the oldest card, or none,
 * over the edge; of several, to the one that has waited longest. Pushed cards are hidden, and hidden cards that are
 * short enough take the space left. A card higher than the room has the room's height.
 */
export function fill(cards: Standing[], count: number, gap: number, room: number): (Placement | null)[] {
  const columns = Array.from({ length: count }, (_, column) =>
    cards.flatMap((card, at) => (card.column === column ? [at] : [])),
  )
  const height = (at: number) => Math.min(cards[at]!.height, room)
  const end = (column: number[]) => column.reduce((sum, at) => sum + height(at) + gap, 0)
  const newestFirst = (column: number[], at: number) => [...column, at].sort((a, b) => a - b)

  const oldest = Math.max(-1, ...columns.flat())
  for (let at = oldest; at >= 0; at--) {
    if (!cards[at]!.fresh) continue
    const losses = columns.map((column) => lost(newestFirst(column, at), height, gap, room))
    const least = Math.max(...losses) // the oldest card is the least loss
    const best = columns.filter((_, column) => losses[column] === least).reduce(longerWaiting)
    columns[columns.indexOf(best)] = newestFirst(best, at)
  }
  const kept = columns.map((column) => fitting(column, height, gap, room))
  const stood = new Set(kept.flat())
  const unseen = new Set(cards.flatMap((card, at) => (card.column === null && !stood.has(at) ? [at] : [])))
  const easy = haveRoom([...unseen], kept.map(end), height, gap, room)
  for (;;) {
    const ends = kept.map(end)
    const shortest = ends.indexOf(Math.min(...ends))
    const next = choose([...unseen], height, gap, room, ends[shortest]!, easy)
    if (!next.length) break
    for (const at of next) {
      unseen.delete(at)
      kept[shortest] = newestFirst(kept[shortest]!, at)
    }
  }
  const placements = cards.map((): Placement | null => null)
  kept.forEach((all, column) => {
    all.forEach((at, place) => {
      placements[at] = { column, y: end(all.slice(0, place)) }
    })
  })
  return placements
}

/** Order columns by the age of their first card; an empty column comes first. */
function longerWaiting(one: number[], other: number[]): number[] {
  return (other[0] ?? Infinity) > (one[0] ?? Infinity) ? other : one
}

/** The newest card that a column with these cards loses over the edge. */
function lost(column: number[], height: (at: number) => number, gap: number, room: number): number {
  const kept = new Set(fitting(column, height, gap, room))
  return Math.min(Infinity, ...column.filter((at) => !kept.has(at)))
}

/** Whether all cards fit when each goes to the shortest column: then nothing has to be chosen. */
function haveRoom(
  cards: number[],
  ends: number[],
  height: (at: number) => number,
  gap: number,
  room: number,
): boolean {
  return cards.every((at) => {
    const shortest = ends.indexOf(Math.min(...ends))
    ends[shortest]! += height(at) + gap
    return ends[shortest]! - gap <= room
  })
}

/**
 * The next cards for a column that ends at `end`: the newest while more than a few fit, and at its foot the few that leave
 * the least space.
 */
function choose(
  unseen: number[],
  height: (at: number) => number,
  gap: number,
  room: number,
  end: number,
  easy: boolean,
): number[] {
  const left = room - end
  const fit = unseen.filter((at) => height(at) <= left)
  if (!fit.length) return []
  const lowest = Math.min(...fit.map(height))
  if (easy || !end || left >= (FEW + 1) * (lowest + gap) - gap) return fit.slice(0, 1)
  const high = (cards: number[]) => cards.reduce((sum, at) => sum + height(at) + gap, -gap)
  const newest = fitting(fit, height, gap, left).slice(0, FEW)
  const best = (among: number[], instead: number[]) => {
    const found = fullest(among, height, gap, left)
    return high(found) - high(instead) > room * EMPTY ? found : instead
  }
  const near = best(fit.slice(0, NEAR), newest)
  return left - high(near) > room * EMPTY ? best(fit, near) : near
}

/** At most FEW cards that are highest together; of several sets, the newest. */
function fullest(cards: number[], height: (at: number) => number, gap: number, left: number): number[] {
  let best: number[] = []
  let most = 0
  const grow = (taken: number[], from: number, sum: number) => {
    if (sum > most) [best, most] = [taken, sum]
    if (taken.length === FEW) return
    for (let next = from; next < cards.length; next++) {
      const higher = sum + (taken.length ? gap : 0) + height(cards[next]!)
      if (higher <= left) grow([...taken, cards[next]!], next + 1, higher)
    }
  }
  grow([], 0, 0)
  return best
}

/** The cards that stay above the edge, from the top: one that is too high makes room for shorter ones below it. */
function fitting(column: number[], height: (at: number) => number, gap: number, room: number): number[] {
  let y = 0
  return column.filter((at) => {
    const fits = y + height(at) <= room
    if (fits) y += height(at) + gap
    return fits
  })
}
