// Runs inside the document, after the cards and before the first paint: hall or reading, what was taken away, columns.
// Only what the first screen can hold is laid out before that paint, so that a phone shows it a second sooner.
import { OfflineCopy } from '../live/offline_copy'
import { arrange, columnsFor } from '../layout/masonry'
import { modeNow, roomFor, setMode } from '../layout/mode'
import { dress, screenFor } from '../lib/screen'

/** No card is lower than this (px). */
const LOWEST = 120

setMode(modeNow())
dress(screenFor(location.search))
const feed = document.querySelector<HTMLElement>('.feed')
if (feed) {
  const cards = [...feed.children].filter((card): card is HTMLElement => card instanceof HTMLElement)
  const removed = new Set(new OfflineCopy(location.pathname.split('/').at(-1)!).removed())
  const shown = cards.filter((card) => !(card.hidden = removed.has(card.dataset.key ?? '')))
  const below = shown.slice(firstScreen(feed))
  for (const card of below) card.hidden = true
  arrange(feed, roomFor(feed))
  afterPaint(() => {
    for (const card of below) card.hidden = false
    arrange(feed, roomFor(feed))
  })
}

/** How many cards the first screen can hold at most; nothing is laid out to know it. */
function firstScreen(root: HTMLElement): number {
  const least = parseFloat(getComputedStyle(root).columnWidth) || innerWidth
  return columnsFor(innerWidth, least, 0).count * Math.ceil(innerHeight / LOWEST)
}

function afterPaint(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run))
}
