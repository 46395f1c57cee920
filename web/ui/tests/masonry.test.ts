import { expect, test } from 'vitest'
import { assign, columnsFor, stack } from '../lib/masonry'

const card = (height: number, column: number | null = null) => ({ column, height })

test('as many columns as fit with their gaps, and at least one', () => {
  expect(columnsFor(1240, 360, 20)).toEqual({ count: 3, width: 400 })
  expect(columnsFor(1119, 360, 20).count).toBe(2)
  expect(columnsFor(200, 360, 20)).toEqual({ count: 1, width: 200 })
})

test('cards without a column go, in order, to where there is least so far', () => {
  expect(assign([card(100), card(50), card(10), card(10), card(10)], 3, 0)).toEqual([0, 1, 2, 2, 2])
})

test('an arrival moves no other card to another column', () => {
  const before = [card(100), card(80), card(60), card(90)]
  const columns = assign(before, 2, 10)
  const settled = before.map(({ height }, at) => card(height, columns[at]!))
  expect(assign([card(40), ...settled], 2, 10).slice(1)).toEqual(columns)
})

test('a card whose column is no longer there gets another', () => {
  expect(assign([card(10, 3), card(10, 0)], 2, 0)).toEqual([1, 0])
})

test('a column stands with even gaps', () => {
  expect(stack([100, 50, 20], 10)).toEqual({
    places: [
      { y: 0, shown: true },
      { y: 110, shown: true },
      { y: 170, shown: true },
    ],
    height: 190,
  })
})

test('no card crosses the lower edge of the room, and a shorter one may take what is left', () => {
  expect(stack([100, 200, 80], 10, 200)).toEqual({
    places: [
      { y: 0, shown: true },
      { y: 110, shown: false },
      { y: 110, shown: true },
    ],
    height: 190,
  })
})

test('an empty column has no height', () => {
  expect(stack([], 10)).toEqual({ places: [], height: 0 })
})
