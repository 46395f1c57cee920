// Runs in the document after the cards and before the first paint: sets the mode, removes posts with tombstones, and lays
// out the first screen only, so that a phone shows it a second sooner. The page's script uses the same layout.
import { OfflineCopy } from '../live/offline_copy'
import { arrange, columnsFor } from '../layout/masonry'
import { modeNow, roomFor, setMode } from '../layout/mode'
import { share } from './shared'
import { dress, screenFor } from '../lib/screen'

/** No card is lower than this (px). */
const LOWEST = 120

const copy = new OfflineCopy(location.pathname.split('/').at(-1)!)
share({ arrange, copy })
setMode(modeNow())
dress(screenFor(location.search))
const feed = document.querySelector<HTMLElement>('.feed')
if (feed) {
  const cards = [...feed.children].filter((card): card is HTMLElement => card instanceof HTMLElement)
  const removed = new Set(copy.removed())
  const shown = cards.filter((card) => !(card.hidden = removed.has(card.dataset.key ?? '')))
  const below = shown.slice(firstScreen(feed))
  for (const card of below) card.hidden = true
  arrange(feed, roomFor(feed))
  afterPaint(() => {
    for (const card of below) card.hidden = false
    arrange(feed, roomFor(feed))
  })
}

/** The maximum number of cards on the first screen, computed without layout. */
function firstScreen(root: HTMLElement): number {
  const least = parseFloat(getComputedStyle(root).columnWidth) || innerWidth
  return columnsFor(innerWidth, least, 0).count * Math.ceil(innerHeight / LOWEST)
}

function afterPaint(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run))
}
