import { expect, test } from 'vitest'
import { spread } from '../layout/feet'
import type { Placement } from '../layout/fill'

/** Columns of cards 100 px high, 10 px apart, in a room of that height; another post waits. */
function spaced(columns: number[], room: number, before?: number, waits = true) {
  const placements: (Placement | null)[] = columns.flatMap((cards, column) =>
    Array.from({ length: cards }, (_, at) => ({ column, y: at * 110 })),
  )
  if (waits) placements.push(null)
  const heights = placements.map(() => 100)
  const { placements: after, extra } = spread(
    placements,
    { heights, count: columns.length, gap: 10, room },
    before,
  )
  const ys = columns.map((_, column) =>
    after.filter((stand) => stand?.column === column).map((stand) => stand!.y),
  )
  return { extra, ys }
}

test('a column that is nearly full ends at the edge: its gaps share what is left', () => {
  expect(spaced([3], 334)).toEqual({ extra: 7, ys: [[0, 117, 234]] })
})

test('all columns have the same gaps, as wide as the fullest one allows', () => {
  expect(spaced([3, 2], 328)).toEqual({
    extra: 4,
    ys: [
      [0, 114, 228],
      [0, 114],
    ],
  })
})

test('a column of one card has no say', () => {
  expect(spaced([2, 1, 0], 215).extra).toBe(5)
})

test('gaps never grow to more than double', () => {
  expect(spaced([2], 300).ys).toEqual([[0, 120]])
})

test('gaps stay as they are where no post waits', () => {
  expect(spaced([3], 335, 5, false)).toEqual({ extra: 0, ys: [[0, 110, 220]] })
})

test.each([
  ['it still fits', 4, 4],
  ['it no longer fits', 8, 7],
  ['it could be much wider', 1, 7],
])('gaps change only where they must, or by much: %s', (_, before, after) => {
  expect(spaced([3], 334, before).extra).toBe(after)
})

test.each([320, 327, 334, 349, 900])('no card crosses the edge of a room of %d px', (room) => {
  const { ys } = spaced([3, 2, 1], room, 3)
  expect(Math.max(...ys.flat()) + 100).toBeLessThanOrEqual(room)
})
