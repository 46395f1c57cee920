// Fits cards to a hall's screen. Shortens them until it can show them whole: first pictures, then lines of words, then
// attachments, then the size of its type. At the foot of a column they grow. It sets `--fits`, `--roomy`, `--scale`,
// `data-tight`, `data-small` and `data-lowered` on cards; the styles of a card's parts define each level of `data-tight`.

/** The share of its height that a picture keeps on each level. The last level has no pictures. */
const LEAST = [1 / 3, 1 / 3, 1 / 3, 1 / 6, 0]
/** The last level on which a card still says all of its parts; the next one only takes lines of words. */
const LOWEST = 3
/** The most that a picture grows at the foot of a column. */
const MAX_GROWTH = 1.6
/** The shares of its type size that a card may keep which is too high on the last level. */
const SMALLER = Array.from({ length: 14 }, (_, at) => 0.95 - at / 20)
/** The number of these that can be read well. */
const NEAR = 9
/** An invisible overflow (px), from rounding in the layout. */
const SLACK = 0.5

/** The height for a picture of `height` in a card that is `over` too high; it keeps the share `least`. */
export function pictureHeight(height: number, over: number, least: number): number {
  return Math.max(Math.floor(height * least), Math.floor(height - over))
}

/** Shorten cards that are cut at the height of the `room`, no more than needed. */
export function giveWay(cards: HTMLElement[], room: number): void {
  for (const card of cards) {
    if ('lowered' in card.dataset) continue // its position only fits that height
    card.style.removeProperty('--fits')
    card.style.removeProperty('--roomy')
    card.removeAttribute('data-tight')
    setScale(card)
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
  for (const card of cut) shrink(card, smaller(), () => overflow(card) <= SLACK)
}

const scaleOf = ({ style }: HTMLElement) => style.getPropertyValue('--scale')

/** Smaller scales than that in the address. */
const smaller = () => SMALLER.map((share) => share * (Number(scaleOf(document.documentElement)) || 1))

/** Those that are near it and no smaller than on other screens: more is only for a card that is cut otherwise. */
const readable = () => smaller().filter((scale, at) => scale >= 1 && at < NEAR)

function setScale(card: HTMLElement, scale: number | string = ''): void {
  card.toggleAttribute('data-small', Boolean(scale))
  card.style.setProperty('--scale', String(scale)) // an empty one removes it
}

/** Set the card's type smaller until it fits. */
function shrink(card: HTMLElement, scales: number[], fits: () => boolean): void {
  for (const scale of scales) {
    setScale(card, scale)
    if (fits()) return
  }
}

const lowestLevel = (card: HTMLElement) => (card.querySelector('.mosaic, li') ? LOWEST : LOWEST + 1)

/** The heights to which cards can be shortened, read in one layout of all. */
export function lowestOf(cards: HTMLElement[]): number[] {
  const before = cards.map((card) => [card.dataset.tight, scaleOf(card)])
  const least = readable().at(-1)
  for (const card of cards) {
    card.dataset.tight = String(lowestLevel(card))
    setScale(card, least)
  }
  const heights = cards.map((card) => card.offsetHeight)
  cards.forEach((card, at) => {
    const [tight, scale] = before[at]!
    if (tight === undefined) delete card.dataset.tight
    else card.dataset.tight = tight
    setScale(card, scale)
  })
  return heights
}

/** Shorten a card to at most `most`, no more than needed. Returns its height. */
export function lower(card: HTMLElement, most: number): number {
  card.dataset.lowered = ''
  for (let level = 1; level <= lowestLevel(card); level++) {
    card.dataset.tight = String(level)
    if (card.offsetHeight <= most) return card.offsetHeight
  }
  shrink(card, readable(), () => card.offsetHeight <= most)
  return card.offsetHeight
}

/**
 * Let shown cards give up lines of words, the last first, until they are `want` lower together. Each keeps three lines.
 * Returns whether they did: if all together have too few, no card is changed.
 */
export function giveLines(cards: HTMLElement[], want: number): boolean {
  const gave: HTMLElement[] = []
  let left = want
  for (const card of [...cards].reverse()) {
    if (left <= 0) break
    if ('tight' in card.dataset || !card.querySelector(':scope > .words:not(.beside)')) continue
    const before = card.offsetHeight
    card.dataset.tight = String(LOWEST)
    left -= before - card.offsetHeight
    if (card.offsetHeight < before) gave.push(card)
    else delete card.dataset.tight
  }
  for (const card of gave) {
    if (left > 0) delete card.dataset.tight
    else card.dataset.lowered = ''
  }
  return left <= 0
}

/** The height of a card that has grown to at most `most`: first words that were cut, then its picture. */
export function grown(card: HTMLElement, most: number): number {
  if ('tight' in card.dataset) return card.offsetHeight
  const left = () => most - card.offsetHeight
  const said = card.querySelector<HTMLElement>(':scope > .words > .said')
  if (said && said.scrollHeight > said.clientHeight + 2) {
    const line = parseFloat(getComputedStyle(said).lineHeight)
    const lines = Math.round(said.clientHeight / line) + Math.floor(left() / line)
    card.style.setProperty('--roomy', String(lines))
    if (left() < 0) card.style.removeProperty('--roomy')
  }
  const picture = card.querySelector('.mosaic')?.getBoundingClientRect().height
  if (picture) {
    const higher = Math.min(picture + left(), picture * MAX_GROWTH)
    card.style.setProperty('--fits', `${Math.floor(higher)}px`)
  }
  return card.offsetHeight
}

/**
 * A card's overflow below its lower edge (px, with fractions). `scrollHeight` ignores clipped content, and rounded heights
 * with fractional padding would never be exact.
 */
function overflow(card: HTMLElement): number {
  const { paddingBottom, borderBottomWidth } = getComputedStyle(card)
  const edge = card.getBoundingClientRect().bottom - (parseFloat(borderBottomWidth) || 0)
  const ends = [...card.children].map((part) => part.getBoundingClientRect().bottom)
  return Math.max(...ends) + (parseFloat(paddingBottom) || 0) - edge
}
