// The reader's anchor: the card that is read, and its offset in the window. It keeps that offset whatever changes above
// it, and across the hall.
import { AWAY } from './mode'

export interface Anchor {
  key: string
  /** From the window's upper edge to the card's (px). */
  top: number
  /** Whether it had the keyboard's focus. */
  focused: boolean
}

/** Whether a card, by its key, is still there after the change. */
type Stays = (key: string) => boolean

/** The focused card if it is visible, else the first visible one; none at the top of the page. Only one that stays. */
export function findAnchor(feed: ParentNode, stays: Stays = () => true): Anchor | undefined {
  if (scrollY <= AWAY) return undefined
  const cards = cardsOf(feed).filter((card) => stays(card.dataset.key!))
  const seen = (card: HTMLElement) => {
    const { top, bottom } = card.getBoundingClientRect()
    return bottom > innerHeight / 4 && top < innerHeight
  }
  const inFocus = cards.find((card) => card.contains(document.activeElement))
  const card = inFocus && seen(inFocus) ? inFocus : cards.find(seen)
  if (!card) return undefined
  return { key: card.dataset.key!, top: card.getBoundingClientRect().top, focused: card === inFocus }
}

/** Scroll the card back to its offset. Returns whether it still exists. */
export function returnTo(feed: ParentNode, { key, top, focused }: Anchor): boolean {
  const card = feed.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`)
  if (!card) return false
  const moved = card.getBoundingClientRect().top - top
  if (Math.abs(moved) > 1) scrollBy({ top: moved, behavior: 'instant' })
  if (focused && !card.contains(document.activeElement)) card.focus({ preventScroll: true })
  return true
}

/**
 * Where the keyboard's focus goes if its card leaves: to the next card that stays, else to the one before, else to the
 * posts as a whole. Nothing if it isn't in a leaving card.
 */
export function findHeir(feed: Element, stays: Stays): HTMLElement | undefined {
  const cards = cardsOf(feed)
  const at = cards.findIndex((card) => card.contains(document.activeElement))
  if (at < 0 || stays(cards[at]!.dataset.key!)) return undefined
  const left = (card: HTMLElement) => stays(card.dataset.key!)
  return cards.slice(at).find(left) ?? cards.slice(0, at).findLast(left) ?? feed.closest('main') ?? undefined
}

/** The cards that stay, without the fading copies of those that left. */
export const cardsOf = (feed: ParentNode) => [...feed.querySelectorAll<HTMLElement>(':scope > [data-key]')]
