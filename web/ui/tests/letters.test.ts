import { expect, test } from 'vitest'
import { lettersOf, lettersOfLine, partsOf } from '../lib/letters'

test.each([
  ['#SocitmDigital2009', ['#Socitm', 'Digital', '2009']],
  ['#NHSTides26', ['#NHSTides', '26']],
  ['#harbour', ['#harbour']],
  ['#26', ['#26']],
])('%s may be broken between its words and before its number', (tag, parts) => {
  expect(partsOf(tag)).toEqual(parts)
})

test.each([
  ['a short one has one line', '#HarbourFestival26', 18],
  [
    'a long one is as wide as the longer of two lines',
    '#FourteenthInternationalHarbourConferenceMerrowhaven2026',
    31,
  ],
  ['one without words has one line', '#harbourfestivalofthenorthernshores', 35],
])('the width of a hashtag: %s', (_, tag, letters) => {
  expect(lettersOfLine(tag)).toBe(letters)
})

test('Chinese letters take almost two of ours', () => {
  expect(lettersOf('#港')).toBe(2.75)
})
