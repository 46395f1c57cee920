import { expect, test } from 'vitest'
import { pictureHeight } from '../layout/yield'

test.each([
  [561, 28, 1 / 3, 533],
  [561, 0.4, 1 / 3, 560],
  [561, 400, 1 / 3, 187],
  [300, 5000, 1 / 3, 100],
  [300, 5000, 1 / 6, 50],
])(
  'a picture of %d px in a card that is %d px too high keeps %d of it: %d px',
  (height, over, least, left) => {
    expect(pictureHeight(height, over, least)).toBe(left)
  },
)
