// From hall to reading and back, and what each does to the page: a hall's stage is empty, a reader's place is kept.
import { flushSync } from 'svelte'
import { findAnchor, returnTo, type Anchor } from '../layout/anchor'
import { AWAY, modeNow, setMode, type Mode } from '../layout/mode'
import type { WallPage } from './page.svelte'

/** From here on newer posts are shown again that had to make room for older ones (px). */
const NEAR_TOP = 900
/** What a reader has opened, and where the keyboard is: in a post, or on the way to those that wait. */
const READ = '.feed [data-open], .feed details[open], .feed :focus-visible, .waiting :focus-visible'

export class Modes {
  readonly #page: WallPage
  #isKept = false
  /** Where the reader was before the hall. */
  #left: Anchor | undefined

  constructor(page: WallPage) {
    this.#page = page
  }

  start(): void {
    this.#show(modeNow())
    const fit = () => this.#fit()
    addEventListener('resize', fit)
    document.addEventListener('fullscreenchange', fit)
    matchMedia('(display-mode: fullscreen)').addEventListener('change', fit)
    const look = () => this.#look()
    document.addEventListener('visibilitychange', look)
    addEventListener('scroll', look, { passive: true })
    for (const sign of ['selectionchange', 'focusin', 'focusout', 'click'])
      document.addEventListener(sign, () => setTimeout(look))
  }

  #fit(): void {
    const mode = modeNow()
    if (mode !== this.#page.mode) this.#show(mode)
  }

  #show(mode: Mode): void {
    const feed = document.querySelector('.feed')
    if (mode === 'hall' && feed) this.#left = findAnchor(feed)
    setMode(mode)
    this.#page.mode = mode
    this.#page.paused = false
    scrollTo(0, 0)
    this.#page.release()
    if (mode === 'hall') void this.#keepDisplay()
    else if (this.#left && feed) this.#goBack(feed, this.#left)
  }

  /** To what was read before the hall, as far as it is still there. */
  #goBack(feed: Element, left: Anchor): void {
    this.#left = undefined
    this.#page.reach(left.key)
    flushSync()
    returnTo(feed, left)
  }

  /** Readers never run what only a hall needs. A hall that cannot fetch it shows the wall all the same. */
  async #keepDisplay(): Promise<void> {
    if (this.#isKept) return
    this.#isKept = true
    const display = await import('./display').catch(() => null)
    this.#isKept = display !== null
    display?.keepDisplay(this.#page)
  }

  /** New posts wait as long as something is read that they would move. */
  #look(): void {
    if (this.#page.mode !== 'read') return
    if (scrollY < NEAR_TOP) this.#page.readNewer()
    if (this.#page.paused || document.visibilityState === 'hidden' || isRead()) this.#page.holding = true
    else if (this.#page.holding) this.#page.release()
  }
}

function isRead(): boolean {
  if (scrollY > AWAY || document.querySelector(READ)) return true
  const selection = getSelection()
  return Boolean(
    selection && !selection.isCollapsed && document.querySelector('.feed')?.contains(selection.anchorNode),
  )
}
