import { expect, test } from 'vitest'
import { modeFor, roomBelow } from '../lib/mode'

test.each([
  [1080, 213.52, 24.84, 841],
  [1079, 213.32, 24.82, 840],
  [900, 180, 20, 700],
  [100, 300, 20, 0],
])('a screen %d px high has whole pixels of room', (height, top, below, room) => {
  expect(roomBelow(top, height, below)).toBe(room)
})

test.each([
  [1920, 1080, '', 'hall'],
  [1080, 1920, '', 'hall'],
  [1280, 800, '', 'read'],
  [390, 844, '?screen', 'hall'],
])('%d by %d%s is looked at in the mode %s', (width, height, search, mode) => {
  expect(modeFor(width, height, search)).toBe(mode)
})
