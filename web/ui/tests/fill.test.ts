import { expect, test } from 'vitest'
import { fill, type Standing } from '../layout/fill'

const unseen = (height: number): Standing => ({ height, column: null, fresh: false })
const seen = (height: number, column: number): Standing => ({ height, column, fresh: false })
const fresh = (height: number): Standing => ({ height, column: null, fresh: true })

test('at first the newest come first, each where there is least so far', () => {
  expect(fill([unseen(100), unseen(50), unseen(30)], 2, 10, 500)).toEqual([
    { column: 0, y: 0 },
    { column: 1, y: 0 },
    { column: 1, y: 60 },
  ])
})

test('a card that finds no room leaves it to an older one that is short enough', () => {
  expect(fill([unseen(100), unseen(100), unseen(80)], 1, 10, 200)).toEqual([
    { column: 0, y: 0 },
    null,
    { column: 0, y: 110 },
  ])
})

test('at the foot of a column stands the card that fits best', () => {
  const placements = fill([unseen(100), unseen(60), unseen(90), unseen(200)], 1, 10, 200)
  expect(placements.map((stand) => stand?.y ?? null)).toEqual([0, null, 110, null])
})

test('at the foot of a column stand the few that fit best together', () => {
  const placements = fill([200, 110, 100, 120, 80, 90].map(unseen), 1, 10, 400)
  expect(placements.map((stand) => stand?.y ?? null)).toEqual([0, null, 210, null, 320, null])
})

test.each([
  ['a tenth of the room or less does not bring an older post', 350, [0, 610, null]],
  ['more than a tenth of the room is', 351, [0, null, 610]],
])('%s', (_, older, ys) => {
  const placements = fill([600, 250, older].map(unseen), 1, 10, 1000)
  expect(placements.map((stand) => stand?.y ?? null)).toEqual(ys)
})

test('what is much older is not chosen, however well it fits', () => {
  const placements = fill(
    [unseen(100), ...Array.from({ length: 12 }, () => unseen(70)), unseen(90)],
    1,
    10,
    200,
  )
  expect(placements.slice(1).map((stand) => stand?.y ?? null)).toEqual([110, ...Array(12).fill(null)])
})

test('no card crosses the edge, whatever there is', () => {
  const heights = Array.from({ length: 60 }, (_, at) => 90 + ((at * 67) % 310))
  const placements = fill(heights.map(unseen), 3, 25, 850)
  const ends = placements.flatMap((stand, at) => (stand ? [stand.y + heights[at]!] : []))
  expect(Math.max(...ends)).toBeLessThanOrEqual(850)
})

test('no room is left over that a card which nobody sees could have had', () => {
  const heights = Array.from({ length: 60 }, (_, at) => 90 + ((at * 67) % 310))
  const placements = fill(heights.map(unseen), 3, 25, 850)
  const least = Math.min(...heights.filter((_, at) => !placements[at]))
  for (const column of [0, 1, 2]) {
    const ends = placements.map((stand, at) => (stand?.column === column ? stand.y + heights[at]! : 0))
    expect(Math.max(...ends) + 25 + least).toBeGreaterThan(850)
  }
})

test('an arrival goes above the column that waited longest, and only that one moves', () => {
  expect(fill([fresh(50), seen(100, 0), seen(100, 1), seen(80, 0)], 2, 10, 500)).toEqual([
    { column: 1, y: 0 },
    { column: 0, y: 0 },
    { column: 1, y: 60 },
    { column: 0, y: 110 },
  ])
})

test('several that arrive at once spread over the columns', () => {
  const placements = fill([fresh(50), fresh(50), seen(100, 0), seen(100, 1)], 2, 10, 500)
  expect(placements.map((stand) => stand!.column)).toEqual([0, 1, 0, 1])
})

test('what arrives late, but newer than something that is seen, is seen too', () => {
  expect(fill([seen(100, 0), fresh(60), seen(100, 0)], 1, 10, 200)).toEqual([
    { column: 0, y: 0 },
    { column: 0, y: 110 },
    null,
  ])
})

test('unless too much would stay empty', () => {
  const placements = fill(
    [unseen(100), ...Array.from({ length: 12 }, () => unseen(60)), unseen(90)],
    1,
    10,
    200,
  )
  expect(placements.at(-1)).toEqual({ column: 0, y: 110 })
})

test('where all have room, each goes where there is least so far', () => {
  const placements = fill([200, 200, 100, 100, 100].map(unseen), 3, 10, 800)
  expect(placements.map((stand) => [stand!.column, stand!.y])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 110],
    [0, 210],
  ])
})

test('an arrival pushes the oldest over the edge, however long another column has waited', () => {
  const placements = fill(
    [fresh(100), seen(100, 0), seen(400, 1), seen(100, 0), seen(100, 0), seen(100, 0)],
    2,
    10,
    430,
  )
  expect(placements.map((stand) => stand?.column ?? null)).toEqual([0, 0, 1, 0, 0, null])
})

test('what was just pushed over the edge rests before it is seen elsewhere', () => {
  const placements = fill([fresh(150), seen(110, 1), seen(90, 0), seen(60, 0)], 2, 10, 260)
  expect(placements).toEqual([{ column: 0, y: 0 }, { column: 1, y: 0 }, { column: 0, y: 160 }, null])
})

test('nothing takes the place of a card that is still seen', () => {
  const cards = [seen(100, 1), unseen(40), seen(100, 0)]
  expect(fill(cards, 2, 10, 200)).toEqual([
    { column: 1, y: 0 },
    { column: 0, y: 0 },
    { column: 0, y: 50 },
  ])
})

test.each([500, 500.36, 612, 5000])(
  'a newest card %d px high is shown where there is room for 500',
  (height) => {
    expect(fill([unseen(height), unseen(100)], 2, 10, 500)).toEqual([
      { column: 0, y: 0 },
      { column: 1, y: 0 },
    ])
  },
)

test('an arrival as high as the screen has a column of its own', () => {
  expect(fill([fresh(500.4), seen(200, 0), seen(100, 1)], 2, 10, 500)).toEqual([
    { column: 1, y: 0 },
    { column: 0, y: 0 },
    null,
  ])
})
