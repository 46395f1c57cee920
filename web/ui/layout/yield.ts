// What a card gives up so that a hall's screen can show it whole: height of its pictures, then lines of its words, then
// what hangs on them. It owns `--fits`, `data-tight` and `data-lowered` on cards; what each level of `data-tight` costs,
// the parts of a card say in their styles.

/** So much of its height a picture keeps at least on each level: less would show nothing. The last has no pictures. */
const LEAST = [1 / 3, 1 / 3, 1 / 3, 1 / 6, 0]
/** Less than this over the edge is nothing that can be seen: layout rounds (px). */
const SLACK = 0.5

/** How high a picture of `height` may be in a card whose content is `over` too high, keeping `least` of it. */
export function pictureHeight(height: number, over: number, least: number): number {
  return Math.max(Math.floor(height * least), Math.floor(height - over))
}

/** Make the cards lower that are cut at the height of the `room`, no more than needed. */
export function giveWay(cards: HTMLElement[], room: number): void {
  for (const card of cards) {
    if ('lowered' in card.dataset) continue // it stands where only that height fits
    card.style.removeProperty('--fits')
    card.removeAttribute('data-tight')
  }
  let cut = cards.filter(
    (card) => !('lowered' in card.dataset) && card.offsetHeight >= room && overflow(card) > SLACK,
  )
  LEAST.forEach((least, level) => {
    for (const card of cut) {
      card.style.removeProperty('--fits')
      if (level) card.dataset.tight = String(level)
    }
    const sizes = cut.map((card) => ({
      over: overflow(card),
      picture: card.querySelector('.mosaic')?.getBoundingClientRect().height ?? 0,
    }))
    cut.forEach((card, at) => {
      const { over, picture } = sizes[at]!
      if (over > SLACK && picture)
        card.style.setProperty('--fits', `${pictureHeight(picture, over, least)}px`)
    })
    cut = cut.filter((card) => overflow(card) > SLACK)
  })
}

/** The height of a card that gives up what it must to be no higher than `most`; null if it cannot, and stays as it was. */
export function lowered(card: HTMLElement, most: number): number | null {
  const before = card.dataset.tight
  for (const level of [1, 2, 3]) {
    card.dataset.tight = String(level)
    if (card.offsetHeight > most) continue
    card.dataset.lowered = ''
    return card.offsetHeight
  }
  if (before === undefined) delete card.dataset.tight
  else card.dataset.tight = before
  return null
}

/**
 * How much of a card is below its own lower edge (px, with fractions); `scrollHeight` does not count what is clipped, and
 * rounded heights beside padding that is not rounded would never come to nothing.
 */
function overflow(card: HTMLElement): number {
  const { paddingBottom, borderBottomWidth } = getComputedStyle(card)
  const edge = card.getBoundingClientRect().bottom - (parseFloat(borderBottomWidth) || 0)
  const ends = [...card.children].map((part) => part.getBoundingClientRect().bottom)
  return Math.max(...ends) + (parseFloat(paddingBottom) || 0) - edge
}
