import { expect, test } from 'vitest'
import { contrast, css, palette, parse, readable } from '../lib/color'

const PAPER = { l: 0.955, c: 0.006, h: 0 }
const HALL = { l: 0.265, c: 0.012, h: 0 }

test('contrast is that of WCAG', () => {
  expect(contrast(parse('#fff')!, parse('#000')!)).toBeCloseTo(21, 1)
  expect(contrast(parse('#777777')!, parse('#ffffff')!)).toBeCloseTo(4.48, 1)
  expect(contrast(parse('#123456')!, parse('#123456')!)).toBeCloseTo(1, 5)
})

test('hex and oklch name the same colour', () => {
  const red = parse('#ff0000')!
  expect([red.l, red.c, red.h].map((part) => Number(part.toFixed(3)))).toEqual([0.628, 0.258, 29.234])
  expect(parse('oklch(62.8% 0.258 29.2)')).toEqual(parse('oklch(0.628 0.258 29.2)'))
  expect(parse('#fff')).toEqual(parse('#FFFFFF'))
})

test.each(['', 'red', '#12', '#12345g', 'oklch(1 2)', 'url(x)', 'oklch(1.2.3 0 0)', undefined])(
  '%s is not a colour',
  (text) => {
    expect(parse(text)).toBeNull()
  },
)

test('every colour becomes readable, on paper and in the hall', () => {
  for (let h = 0; h < 360; h += 15) {
    for (const l of [0.05, 0.3, 0.5, 0.7, 0.95]) {
      const colour = { l, c: 0.15, h }
      expect(contrast(readable(colour, PAPER, 4.5), PAPER)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(readable(colour, HALL, 7), HALL)).toBeGreaterThanOrEqual(7)
    }
  }
})

test.each(['#000', '#fff', '#808080', '#7f8180', '#ffff00'])(
  '%s becomes readable as accent and as highlight',
  (colour) => {
    const found = palette({ accent: colour, highlight: colour })
    for (const name of ['accent', 'highlight']) {
      expect(contrast(parse(found[`--${name}-light`])!, PAPER)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(parse(found[`--${name}-dark`])!, HALL)).toBeGreaterThanOrEqual(7)
    }
  },
)

test('a colour that is readable already stays as it is', () => {
  const navy = parse('#123456')!
  expect(readable(navy, PAPER, 4.5)).toEqual(navy)
})

test.each(['#000', '#fff', '#808080'])('%s tints no surface with a hue that it does not have', (grey) => {
  expect(palette({ accent: grey })['--hue']).toBe(palette({})['--hue'])
})

test('a wall without a look, or with a broken one, has ours', () => {
  expect(palette({ accent: 'nonsense', highlight: '}' })).toEqual(palette({}))
  expect(palette({ accent: '#aa0000' })['--accent-light']).toBe(css(parse('#aa0000')!))
})
