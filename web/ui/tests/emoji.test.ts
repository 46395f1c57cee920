import { expect, test } from 'vitest'
import golden from '../../../tests/fixtures/emoji.json'
import { splitCodes } from '../lib/emoji'

test.each(golden)('$about', ({ codes, text, parts }) => {
  expect(splitCodes(text, codes)).toEqual(parts)
})

test('draws a hundred codes at most and loses no word', () => {
  const parts = splitCodes(':cat: '.repeat(150), ['cat'])
  expect(parts.filter((_, at) => at % 2)).toHaveLength(100)
  expect(parts.map((part, at) => (at % 2 ? `:${part}:` : part)).join('')).toBe(':cat: '.repeat(150))
})
