import { expect, test } from 'vitest'
import { fileComplaint } from '../desk/settings/logo_file'
import {
  changesOf,
  colourComplaint,
  contrastRemark,
  hashtagComplaint,
  localTime,
  wallNameComplaint,
  zonesWith,
} from '../desk/settings/settings'
import { slugComplaint, slugFrom } from '../desk/walls/slugs'
import { isOnWhite } from '../lib/color'

test.each([
  ['Zürich: Häfen im Gespräch 26!', 'zurich-hafen-im-gesprach-26'],
  ['The annual conference of harbour masters of the north', 'the-annual-conference-of-harbour-masters'],
  ['a'.repeat(60), 'a'.repeat(40)],
  ['会議', ''],
])('“%s” is at %s', (name, slug) => {
  expect(slugFrom(name)).toBe(slug)
  expect(slugComplaint(slug) === '').toBe(slug !== '')
})

test.each(['-a', 'a-', 'Ä', 'a b', 'a'.repeat(41), ''])('“%s” is not an address', (slug) => {
  expect(slugComplaint(slug)).not.toBe('')
})

test('hashtags are of any script, and not digits alone', () => {
  expect(['#harbour26', '会議', 'हार्बर', ''].map(hashtagComplaint)).toEqual(['', '', '', ''])
  expect(['a b', '2026', '#a-b'].filter((tag) => !hashtagComplaint(tag))).toEqual([])
})

test('a name has 1 to 120 characters', () => {
  expect(['Harbour 26', ' ', 'x'.repeat(121)].map((name) => wallNameComplaint(name) === '')).toEqual([
    true,
    false,
    false,
  ])
})

test('a colour that pages must change much is told, with what to do', () => {
  expect(['#1f6feb', '', 'red'].map(contrastRemark)).toEqual(['', '', ''])
  expect(contrastRemark('#ffd400')).toMatch(/^Too pale .* Choose a darker colour/)
  expect(contrastRemark('#000080')).toMatch(/^Too dark .* Choose a lighter colour/)
  expect(['#1f6feb', '', '#1F6FEB'].map(colourComplaint)).toEqual(['', '', ''])
  expect(['red', '#fff', '1f6feb'].filter((colour) => !colourComplaint(colour))).toEqual([])
})

test('a logo stands on the ground that it differs from', () => {
  expect(['#12303b', '#f0a04b', '#ffffff', '#ffee88'].map(isOnWhite)).toEqual([true, true, false, false])
})

test('a file that is not a picture, or too large, is told', () => {
  expect(fileComplaint({ type: 'image/png', size: 1_000_000 })).toBe('')
  expect(fileComplaint({ type: 'image/svg+xml', size: 10 })).toMatch(/scripts/)
  expect(fileComplaint({ type: 'text/html', size: 10 })).toMatch(/PNG/)
  expect(fileComplaint({ type: 'image/png', size: 1_000_001 })).toMatch(/1 MB/)
})

test('times are those of the wall, and only what differs is sent', () => {
  expect(localTime('2026-06-09T07:30:00Z', 'Europe/London')).toBe('2026-06-09T08:30')
  expect(localTime(null, 'UTC')).toBe('')
  expect(zonesWith('Etc/GMT+5')).toEqual(expect.arrayContaining(['Etc/GMT+5', 'Europe/London', 'UTC']))
  expect(changesOf({ name: 'A', listed: true }, { name: 'B', listed: true })).toEqual({ name: 'B' })
})
