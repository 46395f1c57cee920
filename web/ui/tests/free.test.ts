import { expect, test } from 'vitest'
import { largestFree } from '../layout/free'

test.each([
  ['below a row of cards', [210, 200, 190], { column: 0, columns: 3, y: 210 }],
  ['beside a high card', [600, 200, 0], { column: 1, columns: 2, y: 200 }],
  ['left of a high card', [100, 120, 700], { column: 0, columns: 2, y: 120 }],
  ['in one empty column', [900, 880, 0], { column: 2, columns: 1, y: 0 }],
  ['nowhere', [1000, 1000, 1020], { column: 0, columns: 3, y: 1000 }],
])('what is free %s', (_, ends, free) => {
  expect(largestFree(ends, 1000)).toEqual(free)
})
