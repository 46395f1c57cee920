// Hall or reading: how a page of this size is looked at. It owns the mark on the document that all styles follow.

export type Mode = 'hall' | 'read'

/** The least that a screen in a hall has, lying or standing (px). */
const LONG = 1600
const SHORT = 900

/** `?screen` says that this is a screen in a hall, whatever its size. */
export function isScreen(search: string): boolean {
  return new URLSearchParams(search).has('screen')
}

export function modeFor(width: number, height: number, search: string): Mode {
  return isScreen(search) || (Math.max(width, height) >= LONG && Math.min(width, height) >= SHORT)
    ? 'hall'
    : 'read'
}

export function modeNow(): Mode {
  return modeFor(innerWidth, innerHeight, location.search)
}

export function setMode(mode: Mode): void {
  document.documentElement.dataset.mode = mode
}

/** How high the cards may reach: to the lower edge of a hall's screen, or without an end. */
export function roomFor(feed: HTMLElement): number {
  if (document.documentElement.dataset.mode !== 'hall') return Infinity
  const below = parseFloat(getComputedStyle(feed).columnGap) || 0
  return roomBelow(feed.getBoundingClientRect().top + scrollY, innerHeight, below)
}

/**
 * From `top` to `below` the lower edge, in whole pixels, as heights of cards are measured: a card as high as the room
 * would otherwise be higher by a fraction, and find its place nowhere.
 */
export function roomBelow(top: number, height: number, below: number): number {
  return Math.max(0, Math.floor(height - top - below))
}
