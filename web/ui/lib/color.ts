// Makes the conference's two colours readable: contrast is computed by WCAG 2. Pure.
// OKLCH conversions follow Björn Ottosson, https://bottosson.github.io/posts/oklab/.

/** Lightness 0–1, chroma 0–0.4, hue in degrees. */
export interface Oklch {
  l: number
  c: number
  h: number
}

/** A colour of less chroma is a grey: its hue is arbitrary. */
const GREY = 0.01
const OURS = { accent: '#1f6f8b', highlight: '#d9822b' }
/** The surfaces of tokens.css under coloured text: the darkest light one, the lightest dark one. */
const PAPER: Oklch = { l: 0.955, c: 0.006, h: 0 }
const WHITE: Oklch = { l: 1, c: 0, h: 0 }
const HALL: Oklch = { l: 0.265, c: 0.012, h: 0 }

/** Custom properties for the page: each colour for text on light and on dark surfaces, and the hue. */
export function palette(look: { accent?: string; highlight?: string }): Record<string, string> {
  const accent = parse(look.accent) ?? parse(OURS.accent)!
  const highlight = parse(look.highlight) ?? parse(OURS.highlight)!
  return {
    '--hue': (accent.c < GREY ? parse(OURS.accent)! : accent).h.toFixed(1),
    '--accent-light': css(readable(accent, PAPER, 4.5)),
    '--accent-dark': css(readable(accent, HALL, 7)),
    '--highlight-light': css(readable(highlight, PAPER, 4.5)),
    '--highlight-dark': css(readable(highlight, HALL, 7)),
  }
}

/** How far (of 1) each brand colour must be moved in lightness to be readable: downwards on paper, upwards in a hall. */
export function shifts(color: string): { light: number; dark: number } | null {
  const given = parse(color)
  if (!given) return null
  return { light: given.l - readable(given, PAPER, 4.5).l, dark: readable(given, HALL, 7).l - given.l }
}

/** Whether what has this mean colour stands out from white, rather than from a dark surface. */
export function isOnWhite(mean: string): boolean {
  const color = parse(mean)
  return !color || contrast(color, WHITE) >= 2
}

/** `color` with its lightness moved, no further than needed, until its contrast with `surface` is at least `least`. */
export function readable(color: Oklch, surface: Oklch, least: number): Oklch {
  const [step, end] = surface.l > 0.5 ? [-0.01, 0] : [0.01, 1]
  let found = { ...color }
  while (contrast(found, surface) < least && found.l !== end) {
    found = { ...found, l: Math.min(1, Math.max(0, found.l + step)) }
  }
  return found
}

/** The contrast ratio by WCAG 2.2: 1 to 21. */
export function contrast(a: Oklch, b: Oklch): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** `#1f6f8b`, `#abc` or `oklch(0.5 0.1 220)`; null for anything else. */
export function parse(text: string | undefined): Oklch | null {
  const words = text?.trim().toLowerCase() ?? ''
  const hex = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/.exec(words)
  if (hex) return fromHex(words.slice(1))
  const found = /^oklch\(\s*([\d.]+)(%?)\s+([\d.]+)\s+(-?[\d.]+)(?:deg)?\s*\)$/.exec(words)
  if (!found) return null
  const [l, c, h] = [Number(found[1]) / (found[2] ? 100 : 1), Number(found[3]), Number(found[4])]
  return [l, c, h].every(Number.isFinite)
    ? { l: Math.min(1, l), c: Math.min(0.4, c), h: ((h % 360) + 360) % 360 }
    : null
}

export function css({ l, c, h }: Oklch): string {
  return `oklch(${l.toFixed(3)} ${c.toFixed(3)} ${h.toFixed(1)})`
}

function fromHex(hex: string): Oklch {
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex
  const [r, g, b] = [0, 2, 4].map((at) => toLinear(parseInt(full.slice(at, at + 2), 16) / 255)) as [
    number,
    number,
    number,
  ]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  const h = (Math.atan2(bb, a) * 180) / Math.PI
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    c: Math.hypot(a, bb),
    h: (h + 360) % 360,
  }
}

/** Relative luminance of the nearest colour that a screen can show. */
function luminance({ l, c, h }: Oklch): number {
  const a = c * Math.cos((h * Math.PI) / 180)
  const b = c * Math.sin((h * Math.PI) / 180)
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  const red = 4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z
  const green = -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z
  const blue = -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z
  return 0.2126 * clamp(red) + 0.7152 * clamp(green) + 0.0722 * clamp(blue)
}

function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
