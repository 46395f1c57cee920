import { expect, test } from 'vitest'
import { pictureHeight } from '../lib/yield'

test.each([
  [561, 28, 533],
  [561, 0.4, 560],
  [561, 400, 187],
  [300, 5000, 100],
])('a picture of %d px in a card that is %d px too high is %d px high', (height, over, left) => {
  expect(pictureHeight(height, over)).toBe(left)
})
