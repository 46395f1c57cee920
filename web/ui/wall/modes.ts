// Switches between hall and reading: the hall starts with new cards, a reader returns to the same post.
import { flushSync } from 'svelte'
import { findAnchor, returnTo, type Anchor } from '../layout/anchor'
import { AWAY, modeNow, setMode, type Mode } from '../layout/mode'
import type { WallPage } from './page.svelte'

/** Distance (px) from the top at which newer posts, dropped for older ones, are added again. */
const NEAR_TOP = 900
/** Selector of opened parts and of focus in a post or the pill, during which new posts are held back. */
const READ = '.feed [data-open], .feed details[open], .feed :focus-visible, .waiting :focus-visible'

export class Modes {
  readonly #page: WallPage
  #isKept = false
  /** The reader's anchor before the hall. */
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

  /** Return to the post that was read before the hall, if it still exists. */
  #goBack(feed: Element, left: Anchor): void {
    this.#left = undefined
    this.#page.scrollTo(left.key)
    flushSync()
    returnTo(feed, left)
  }

  /** Load the hall's scripts, which readers don't need. If that fails, the wall is shown without them. */
  async #keepDisplay(): Promise<void> {
    if (this.#isKept) return
    this.#isKept = true
    const display = await import('./display').catch(() => null)
    this.#isKept = display !== null
    display?.keepDisplay(this.#page)
  }

  /** Hold new posts back while they would move what is being read. */
  #look(): void {
    if (this.#page.mode !== 'read') return
    if (scrollY < NEAR_TOP) this.#page.readNewer()
    if (this.#page.paused || document.visibilityState === 'hidden' || isRead()) this.#page.isHolding = true
    else if (this.#page.isHolding) this.#page.release()
  }
}

function isRead(): boolean {
  if (scrollY > AWAY || document.querySelector(READ)) return true
  const selection = getSelection()
  return Boolean(
    selection && !selection.isCollapsed && document.querySelector('.feed')?.contains(selection.anchorNode),
  )
}
