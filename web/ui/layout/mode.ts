// The page's mode, hall or reading, as a mark on the document that styles follow.

export type Mode = 'hall' | 'read'

/** The hall is only shown on request: by `?screen`, whatever the size, or in full screen. */
export function modeFor(search: string, fullScreen: boolean): Mode {
  return new URLSearchParams(search).has('screen') || fullScreen ? 'hall' : 'read'
}

export function modeNow(): Mode {
  return modeFor(location.search, isFullScreen())
}

/** Full screen by the page, or by the browser's own key (F11), which only a media query reveals. */
export function isFullScreen(): boolean {
  return Boolean(document.fullscreenElement) || matchMedia('(display-mode: fullscreen)').matches
}

/** Scrolled further than this (px), the reader's posts may not move. */
export const AWAY = 8

export function setMode(mode: Mode): void {
  document.documentElement.dataset.mode = mode
}

/** The height for cards: to the lower edge of a hall's screen, or without a limit. */
export function roomFor(feed: HTMLElement): number {
  if (document.documentElement.dataset.mode !== 'hall') return Infinity
  const below = parseFloat(getComputedStyle(feed).columnGap) || 0
  return roomBelow(feed.getBoundingClientRect().top + scrollY, innerHeight, below)
}

/**
 * From `top` to `below` above the lower edge, in whole pixels, as cards are measured: otherwise a card as high as the
 * room could be higher by a fraction, and would never fit.
 */
export function roomBelow(top: number, height: number, below: number): number {
  return Math.max(0, Math.floor(height - top - below))
}
