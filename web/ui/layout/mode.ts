// Hall or reading: how this page is looked at. It owns the mark on the document that all styles follow.

export type Mode = 'hall' | 'read'

/** The hall is only where somebody asked for it: by `?screen`, whatever the size, or by the full screen. */
export function modeFor(search: string, fullScreen: boolean): Mode {
  return new URLSearchParams(search).has('screen') || fullScreen ? 'hall' : 'read'
}

export function modeNow(): Mode {
  return modeFor(location.search, isFullScreen())
}

/** Full screen by a page's wish, or by the browser's own key (F11), of which the page hears in a media query only. */
export function isFullScreen(): boolean {
  return Boolean(document.fullscreenElement) || matchMedia('(display-mode: fullscreen)').matches
}

/** Scrolled further than this, somebody reads, and nothing may move under the eyes (px). */
export const AWAY = 8

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
