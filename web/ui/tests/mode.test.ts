import { expect, test } from 'vitest'
import { modeFor, roomBelow } from '../layout/mode'
import { screenFor } from '../lib/screen'

test.each([
  [1080, 213.52, 24.84, 841],
  [1079, 213.32, 24.82, 840],
  [900, 180, 20, 700],
  [100, 300, 20, 0],
])('a screen %d px high has whole pixels of room', (height, top, below, room) => {
  expect(roomBelow(top, height, below)).toBe(room)
})

test.each([
  ['', false, 'read'],
  ['', true, 'hall'],
  ['?screen', false, 'hall'],
  ['?screen&theme=light', true, 'hall'],
] as const)('%s, full screen %s: the mode is %s', (search, full, mode) => {
  expect(modeFor(search, full)).toBe(mode)
})

test('an address asks for columns, size, theme, words alone and no head', () => {
  expect(screenFor('?screen&columns=5&scale=1.5&theme=light&media=none&plain')).toEqual({
    columns: 5,
    scale: 1.5,
    theme: 'light',
    wordsOnly: true,
    plain: true,
  })
})

test.each([
  ['', {}],
  ['?columns=many&scale=&theme=pink&media=all&plain=0', {}],
  ['?columns=-2&scale=-1', {}],
  ['?columns=0.2&scale=0.01', { columns: 1, scale: 0.5 }],
  ['?columns=400&scale=90', { columns: 12, scale: 3 }],
])('%s asks for no more than can be shown', (search, asked) => {
  expect(screenFor(search)).toEqual({ wordsOnly: false, plain: false, ...asked })
})
