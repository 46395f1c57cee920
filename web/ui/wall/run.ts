// Runs the page in the browser: connection, clock, scrolling and waking up.
import { flushSync } from 'svelte'
import { everySecond } from '../lib/clock'
import { follow } from './follow'
import { listenToKeys } from './keys'
import { Modes } from './modes'
import type { WallPage } from './page.svelte'

/** Actions for the components. */
export interface Links {
  older(): void
  /** Show the held-back posts, from the top. */
  release(): void
  /** Open the sheet about the wall; returns whether it could be loaded. */
  about(): Promise<boolean>
}

export function run(page: WallPage): Links {
  const live = follow(page)
  new Modes(page).start()
  listenToKeys()
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
      const before = new Set(page.shown.map((post) => post.key))
      scrollTo(0, 0)
      page.release()
      flushSync()
      focusNewest(before)
    },
    async about() {
      const sheet = await import('./about').catch(() => null)
      sheet?.showAbout(page)
      return sheet !== null
    },
  }
}

/** Move the keyboard's focus from the vanished button to the newest post. */
function focusNewest(before: ReadonlySet<string>): void {
  const arrived = [...document.querySelectorAll<HTMLElement>('.feed > [data-key]')].filter(
    (card) => !before.has(card.dataset.key!),
  )
  arrived[0]?.focus({ preventScroll: true })
}

/** Show the cards that arrange.ts had hidden and that stay. The others are removed unseen. */
function showAgain(page: WallPage): void {
  const there = new Set(page.known.posts.map((post) => post.key))
  for (const card of document.querySelectorAll<HTMLElement>('[data-key][hidden]')) {
    card.hidden = !there.has(card.dataset.key!)
  }
}
