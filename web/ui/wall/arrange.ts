// Runs inside the document, after the cards and before the first paint: hall or reading, what was taken away, columns.
import { Keeper } from '../lib/kept'
import { arrange } from '../lib/masonry'
import { modeNow, roomFor, setMode } from '../lib/mode'

setMode(modeNow())
const feed = document.querySelector<HTMLElement>('.feed')
if (feed) {
  const buried = new Set(new Keeper(location.pathname.split('/').at(-1)!).buried())
  for (const card of feed.children) {
    if (card instanceof HTMLElement && buried.has(card.dataset.key ?? '')) card.hidden = true
  }
  arrange(feed, roomFor(feed))
}
