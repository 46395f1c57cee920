// What keeps a display in a hall at work: it does not fall asleep, and no pointer lies on the posts.
import { mount } from 'svelte'
import type { WallPage } from './page.svelte'
import ScreenBar from './ScreenBar.svelte'

/** The pointer is hidden once it has rested for so long (ms). */
const REST = 3_000

/** Runs once, when a page is a hall for the first time. */
export function keepDisplay(page: WallPage): void {
  mount(ScreenBar, { target: document.querySelector('.wall')!, props: { page } })
  const lock = new WakeLock()
  const fit = () => lock.want(page.mode === 'hall' && document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', fit)
  document.addEventListener('fullscreenchange', fit)
  addEventListener('resize', fit)
  addEventListener('pointerdown', fit) // browsers that refused it before may allow it now
  fit()
  let rest = 0
  const restSoon = () => {
    clearTimeout(rest)
    rest = window.setTimeout(() => {
      if (document.querySelector('.screen-bar :focus-visible')) return moved()
      page.pointed = false
      document.documentElement.dataset.still = ''
    }, REST)
  }
  const moved = () => {
    page.pointed = true
    delete document.documentElement.dataset.still
    restSoon()
  }
  restSoon()
  addEventListener('pointermove', moved, { passive: true })
  addEventListener('keydown', moved, { passive: true })
}

/** Keeps the display awake (https://www.w3.org/TR/screen-wake-lock/); a browser without it leaves that to the system. */
class WakeLock {
  #held: WakeLockSentinel | null = null
  #wanted = false
  #asking = false

  want(wanted: boolean): void {
    this.#wanted = wanted
    if (!wanted) void this.#held?.release()
    else if (!this.#held && !this.#asking) void this.#ask()
  }

  /** The browser lets it go by itself where the page is no longer seen. */
  async #ask(): Promise<void> {
    this.#asking = true
    try {
      const held = await navigator.wakeLock?.request('screen')
      held?.addEventListener('release', () => (this.#held = null))
      this.#held = held ?? null
      if (!this.#wanted) await held?.release()
    } catch {
      this.#held = null // refused: the battery is low, or the page is not seen
    } finally {
      this.#asking = false
    }
  }
}
