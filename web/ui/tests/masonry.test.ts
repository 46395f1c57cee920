import { expect, test } from 'vitest'
import { columnsFor, stack } from '../layout/masonry'

const card = (height: number, column: number | null = null) => ({ column, height })
const columns = (placements: { column: number }[]) => placements.map(({ column }) => column)

test('as many columns as fit with their gaps, and at least one', () => {
  expect(columnsFor(1240, 360, 20)).toEqual({ count: 3, width: 400 })
  expect(columnsFor(1119, 360, 20).count).toBe(2)
  expect(columnsFor(200, 360, 20)).toEqual({ count: 1, width: 200 })
})

test('cards without a column go, in order, to where there is least so far', () => {
  const cards = [card(100), card(50), card(10), card(10), card(10)]
  expect(columns(stack(cards, 3, 0))).toEqual([0, 1, 2, 2, 2])
})

test('an arrival moves no other card to another column', () => {
  const before = [card(100), card(80), card(60), card(90)]
  const chosen = columns(stack(before, 2, 10))
  const settled = before.map(({ height }, at) => card(height, chosen[at]!))
  expect(columns(stack([card(40), ...settled], 2, 10)).slice(1)).toEqual(chosen)
})

test('a card whose column is no longer there gets another', () => {
  expect(columns(stack([card(10, 3), card(10, 0)], 2, 0))).toEqual([1, 0])
})

test('a column stands with even gaps', () => {
  expect(stack([card(100), card(50), card(20)], 1, 10).map(({ y }) => y)).toEqual([0, 110, 170])
})
