// Where a reader is: the card that is read, and where it stands in the window. There it stays, whatever comes and goes
// above it, and whatever the page looked like meanwhile.
import { AWAY } from './mode'

export interface Anchor {
  key: string
  /** From the window's upper edge to the card's (px). */
  top: number
  /** Whether the keyboard was in it. */
  focused: boolean
}

/** The card with the focus where that is seen, else the first one that is read; none at the top of the page. */
export function findAnchor(feed: ParentNode): Anchor | undefined {
  if (scrollY <= AWAY) return undefined
  const cards = [...feed.querySelectorAll<HTMLElement>(':scope > [data-key]')]
  const seen = (card: HTMLElement) => {
    const { top, bottom } = card.getBoundingClientRect()
    return bottom > innerHeight / 4 && top < innerHeight
  }
  const inFocus = cards.find((card) => card.contains(document.activeElement))
  const card = inFocus && seen(inFocus) ? inFocus : cards.find(seen)
  if (!card) return undefined
  return { key: card.dataset.key!, top: card.getBoundingClientRect().top, focused: card === inFocus }
}

/** Bring the card back to where it stood; says whether it is still there. */
export function returnTo(feed: ParentNode, { key, top, focused }: Anchor): boolean {
  const card = feed.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`)
  if (!card) return false
  const moved = card.getBoundingClientRect().top - top
  if (Math.abs(moved) > 1) scrollBy({ top: moved, behavior: 'instant' })
  if (focused && !card.contains(document.activeElement)) card.focus({ preventScroll: true })
  return true
}
