import { expect, test } from 'vitest'
import { ago, clock, full, length, local, until } from '../lib/time'

const at = (text: string) => Date.parse(text)
const NOW = at('2009-10-12T14:05:00Z')
const SECOND = 1000
const HOUR = 3_600_000

test.each([
  [-400 * 24 * HOUR, '16 Nov 2010'],
  [-24 * HOUR, '13 Oct'],
  [-9 * 60 * SECOND, 'now'],
  [-5 * SECOND, 'now'],
  [9 * SECOND, 'now'],
  [59 * SECOND, 'now'],
  [60 * SECOND, '1 min'],
  [59 * 60 * SECOND, '59 min'],
  [HOUR, '1 h'],
  [11 * HOUR, '11 h'],
  [13 * HOUR, '02:05'],
  [16 * HOUR, 'Sun 23:05'],
  [5 * 24 * HOUR, 'Wed 15:05'],
  [10 * 24 * HOUR, '2 Oct'],
  [400 * 24 * HOUR, '7 Sep 2008'],
])('%i ms ago reads “%s” in London', (passed, words) => {
  expect(ago(NOW - passed, NOW, 'Europe/London')).toBe(words)
})

test.each([
  ['UTC', '14:05'],
  ['Europe/London', '15:05'],
  ['Asia/Kolkata', '19:35'],
  ['America/New_York', '10:05'],
  ['No/Such_Place', '14:05'],
])('the clock in %s says %s', (zone, words) => {
  expect(clock(NOW, zone)).toBe(words)
})

test('midnight is 00:00', () => {
  expect(clock(at('2009-10-12T23:00:00Z'), 'Europe/London')).toBe('00:00')
})

test('an unknown zone is said to be UTC, not what was asked for', () => {
  expect(full(NOW, 'Mars/Olympus')).toBe('Monday 12 Oct 2009, 14:05 (UTC)')
})

test('the weekday is that of the zone, not of UTC', () => {
  expect(local(at('2009-10-12T22:30:00Z'), 'Asia/Tokyo').weekday).toBe(2)
})

test.each([
  [20 * SECOND, 'in 1 min'],
  [50 * 60 * SECOND, 'in 50 min'],
  [3 * HOUR, 'at 18:05'],
  [12 * HOUR, 'on Tuesday at 03:05'],
  [72 * HOUR, 'on Thursday at 15:05'],
  [6 * 24 * HOUR, 'on 18 Oct'],
  [-HOUR, 'in 1 min'],
])('what ends %i ms ahead ends %s', (left, words) => {
  expect(until(NOW + left, NOW, 'Europe/London')).toBe(words)
})

test.each([
  [5, '0:05'],
  [245, '4:05'],
  [3600, '1:00:00'],
  [3750, '1:02:30'],
])('a recording of %d seconds is %s long', (seconds, words) => {
  expect(length(seconds)).toBe(words)
})
