// The part of a hall's screen without cards, for the invitation. Pure.

export interface Free {
  column: number
  columns: number
  y: number
}

/** The largest rectangle below columns that end at `ends`, as wide as some adjacent ones. */
export function largestFree(ends: number[], room: number): Free {
  let best: Free = { column: 0, columns: ends.length, y: room }
  const size = ({ columns, y }: Free) => columns * Math.max(0, room - y)
  ends.forEach((_, column) => {
    let y = 0
    ends.slice(column).forEach((end, more) => {
      y = Math.max(y, end)
      const free = { column, columns: more + 1, y }
      if (size(free) > size(best)) best = free
    })
  })
  return best
}
