// What a page in a browser does that a page on the server does not: it follows, ticks, scrolls and wakes up.
import { everySecond } from '../lib/clock'
import { follow } from './follow'
import { Modes } from './modes'
import type { WallPage } from './page.svelte'

/** What the components may ask for. */
export interface Links {
  older(): void
  /** Show what was held back, from the top. */
  release(): void
  /** From reading back to the hall. */
  returnToHall(): void
}

export function run(page: WallPage): Links {
  const live = follow(page)
  const modes = new Modes(page)
  modes.start()
  showAgain(page)

  const connection = () => {
    page.online = navigator.onLine
    if (page.online) live.wake()
    else live.sleep()
  }
  page.online = navigator.onLine
  addEventListener('online', connection)
  addEventListener('offline', connection)
  addEventListener('pageshow', (event) => (event as PageTransitionEvent).persisted && live.wake())
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && live.wake())
  everySecond((now) => (page.now = now))

  return {
    older: () => void page.readOlder((last) => live.before(last)),
    release() {
      scrollTo(0, 0)
      page.release()
    },
    returnToHall: () => modes.show('hall'),
  }
}

/** What arrange.ts had hidden and is to be seen after all. The others go without ever having been seen. */
function showAgain(page: WallPage): void {
  const there = new Set(page.known.posts.map((post) => post.key))
  for (const card of document.querySelectorAll<HTMLElement>('[data-key][hidden]')) {
    card.hidden = !there.has(card.dataset.key!)
  }
}
