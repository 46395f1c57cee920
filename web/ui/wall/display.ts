// Keeps a hall's display awake, and hides the pointer.
import { mount } from 'svelte'
import type { WallPage } from './page.svelte'
import ScreenBar from './ScreenBar.svelte'

/** Time (ms) after which a resting pointer is hidden. */
const REST = 3_000

/** Start, once, when a page first becomes a hall. */
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

/** Keep the display awake (https://www.w3.org/TR/screen-wake-lock/); without that API, the system's settings apply. */
class WakeLock {
  #held: WakeLockSentinel | null = null
  #wanted = false
  #asking = false

  want(wanted: boolean): void {
    this.#wanted = wanted
    if (!wanted) void this.#held?.release()
    else if (!this.#held && !this.#asking) void this.#ask()
  }

  /** The browser releases the lock when the page is hidden. */
  async #ask(): Promise<void> {
    this.#asking = true
    try {
      const held = await navigator.wakeLock?.request('screen')
      held?.addEventListener('release', () => (this.#held = null))
      this.#held = held ?? null
      if (!this.#wanted) await held?.release()
    } catch {
      this.#held = null // refused: the battery is low, or the page is hidden
    } finally {
      this.#asking = false
    }
  }
}
