import { expect, test } from 'vitest'
import { initial } from '../lib/initial'

test.each([
  ['Ada Lovelace', 'A'],
  ['  “élan”', 'é'],
  ['🌊 Tide', 'T'],
  ['हिन्दी', 'हि'],
  ['42nd Street', '4'],
  ['🌊🌊', '🌊'],
  ['✨👩🏽‍💻✨', '✨'],
  ['👩🏽‍💻✨', '👩🏽‍💻'],
  ['🏳️‍🌈', '🏳️‍🌈'],
  ['🇬🇧🇪🇺', '🇬🇧'],
  ['…', '•'],
  ['', '•'],
])('the face of “%s” is %s', (name, sign) => {
  expect(initial(name)).toBe(sign)
})
