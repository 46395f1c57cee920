// What a card gives up so that a hall's screen can show it whole: height of its pictures, then lines of its words.
// It owns `--fits` and `data-tight` on cards. CSS cuts what is still too high.

/** So much of its height a picture keeps at least: less would show nothing. */
const LEAST = 1 / 3

/** How high a picture of `height` may be in a card whose content is `over` too high. */
export function pictureHeight(height: number, over: number): number {
  return Math.max(Math.floor(height * LEAST), Math.floor(height - over))
}

/** Make the cards lower that are cut at the height of the `room`, where that is possible. */
export function giveWay(cards: HTMLElement[], room: number): void {
  for (const card of cards) {
    card.style.removeProperty('--fits')
    card.removeAttribute('data-tight')
  }
  const cut = cards
    .filter((card) => card.offsetHeight >= room)
    .map((card) => ({ card, over: overflow(card) }))
    .filter(({ over }) => over > 0)
  const pictures = cut.map(({ card }) => card.querySelector<HTMLElement>('.mosaic')?.offsetHeight ?? 0)
  cut.forEach(({ card, over }, at) => {
    if (pictures[at]) card.style.setProperty('--fits', `${pictureHeight(pictures[at], over)}px`)
  })
  const still = cut.map(({ card }) => overflow(card) > 0)
  cut.forEach(({ card }, at) => card.toggleAttribute('data-tight', still[at]))
}

/** How much of a card is below its own lower edge; `scrollHeight` does not count what is clipped. */
function overflow(card: HTMLElement): number {
  const last = card.lastElementChild as HTMLElement
  const padding = parseFloat(getComputedStyle(card).paddingBottom) || 0
  return last.offsetTop + last.offsetHeight + padding - card.clientHeight
}
