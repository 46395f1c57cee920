// The exit of cards: a copy of each fades where it stood, while its neighbours close up. Nobody can press or hear it.

const FADE = 180
/** More at once go without a copy: in a burst hundreds would fade over one another. */
const CROWD = 12

/** Leave a fading copy of each of these cards that can be seen. */
export function fadeOut(cards: HTMLElement[]): void {
  const seen = cards.filter((card) => {
    const { top, bottom } = card.getBoundingClientRect()
    return bottom > 0 && top < innerHeight && card.checkVisibility({ visibilityProperty: true })
  })
  if (seen.length <= CROWD) seen.forEach(fade)
}

function fade(card: HTMLElement): void {
  const copy = card.cloneNode(true) as HTMLElement
  delete copy.dataset.key
  copy.inert = true
  card.parentElement!.append(copy)
  copy.animate({ opacity: [1, 0] }, { duration: FADE, fill: 'forwards' }).onfinish = () => copy.remove()
}
