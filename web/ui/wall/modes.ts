// The ways from hall to reading and back: by hand, by the size of the window, and by being left alone.
import { isScreen, modeNow, setMode, type Mode } from '../lib/mode'
import type { WallPage } from './page.svelte'

/** A hall's screen that somebody touched goes back to being one. */
const IDLE = 180_000
const TO_READING = ['wheel', 'touchmove', 'keydown'] as const
const SIGNS_OF_LIFE = [...TO_READING, 'pointermove', 'scroll'] as const
const READING_KEYS = new Set([
  'PageDown',
  'PageUp',
  'ArrowDown',
  'ArrowUp',
  'Home',
  'End',
  ' ',
  'Tab',
  'j',
  'k',
])
/** Scrolled further than this, somebody reads, and new posts wait (px). */
const AWAY = 8

export class Modes {
  readonly #page: WallPage
  #idle = 0

  constructor(page: WallPage) {
    this.#page = page
  }

  start(): void {
    this.show(modeNow())
    addEventListener('resize', () => this.#fit())
    addEventListener('scroll', () => this.#scrolled(), { passive: true })
    for (const sign of TO_READING)
      addEventListener(sign, (event) => this.#toReading(event), { passive: true })
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, () => this.#alive(), { passive: true })
  }

  show(mode: Mode): void {
    setMode(mode)
    this.#page.mode = mode
    if (mode === 'read') return
    scrollTo(0, 0)
    this.#page.release()
  }

  #fit(): void {
    const mode = modeNow()
    if (mode !== this.#page.mode && (mode === 'read' || !this.#chosen())) this.show(mode)
  }

  /** Whether somebody chose to read on a display that belongs in a hall: its next resize is no reason to stop. */
  #chosen(): boolean {
    return this.#idle !== 0 && this.#page.mode === 'read' && scrollY > 0
  }

  #toReading(event: Event): void {
    if (this.#page.mode !== 'hall' || isScreen(location.search)) return
    if (!(event instanceof KeyboardEvent) || READING_KEYS.has(event.key)) this.show('read')
  }

  #alive(): void {
    clearTimeout(this.#idle)
    this.#idle = window.setTimeout(() => {
      this.#idle = 0
      if (this.#page.mode === 'read' && modeNow() === 'hall') this.show('hall')
    }, IDLE)
  }

  #scrolled(): void {
    if (this.#page.mode === 'read' && scrollY > AWAY) this.#page.holding = true
    else if (scrollY <= AWAY && this.#page.holding) this.#page.release()
  }
}
