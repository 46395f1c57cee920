// The page's threads to the browser: the live line, what is kept, the clock, and the ways from hall to reading and back.
import { everySecond } from '../lib/clock'
import { Keeper, newer } from '../lib/kept'
import { Live } from '../lib/live'
import { paced } from '../lib/pace'
import { isScreen, modeNow, setMode, type Mode } from '../lib/mode'
import type { Batch, WireRecord } from '../lib/types'
import { browserWires } from '../lib/wires'
import type { WallPage } from './page.svelte'

const KEEP_AFTER = 1_500
/** In a burst the page moves this seldom (ms), so that it can still be read. */
const CALM = 400
/** A hall's screen that somebody touched goes back to being one. */
const IDLE = 180_000
const TO_READING = ['wheel', 'touchmove', 'keydown'] as const
const SIGNS_OF_LIFE = ['wheel', 'touchmove', 'keydown', 'pointermove', 'scroll'] as const
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

export interface Links {
  start(): void
  older(): void
  /** Show what was held back, from the top. */
  release(): void
  /** From reading back to the hall. */
  returnToHall(): void
}

/** Whether this page is one that belongs in a hall, whatever it shows now. */
export const belongsInHall = (): boolean => modeNow() === 'hall'

export function run(page: WallPage): Links {
  const keeper = new Keeper(page.boot.slug)
  let keeping = 0
  let idle = 0

  const keepSoon = () => {
    keeping ||= window.setTimeout(() => {
      keeping = 0
      keeper.keep(page.known, Date.now())
    }, KEEP_AFTER)
  }
  /** Whatever the line brings goes through here, in order. */
  const arrive = paced<() => void>((all) => {
    for (const tell of all) tell()
    keepSoon()
  }, CALM)
  function take(records: WireRecord[], seq: number): void {
    const posts = records.filter((record) => record.kind === 'post')
    const gone = posts.filter((record) => record.body === null).map((record) => record.key)
    if (gone.length) keeper.bury(gone)
    keeper.unbury(posts.filter((record) => record.body !== null).map((record) => record.key))
    page.records(records, seq)
  }
  const listener = {
    records: (records: WireRecord[], seq: number) => arrive(() => take(records, seq)),
    snapshot: (batch: Batch) => arrive(() => page.snapshot(batch)),
    state: (up: boolean, heard: number) => page.state(up, heard),
  }
  let live: Live

  function show(mode: Mode): void {
    if (mode === 'hall') scrollTo(0, 0)
    setMode(mode)
    page.mode = mode
    if (mode === 'hall') page.release()
  }
  function fit(): void {
    if (!belongsInHall() || page.mode === 'hall') show(modeNow())
  }
  function toReading(event: Event): void {
    if (page.mode !== 'hall' || isScreen(location.search)) return
    if (event instanceof KeyboardEvent && !READING_KEYS.has(event.key)) return
    show('read')
  }
  function alive(): void {
    clearTimeout(idle)
    idle = window.setTimeout(() => {
      if (belongsInHall() && page.mode === 'read') show('hall')
    }, IDLE)
  }
  function scrolled(): void {
    const away = page.mode === 'read' && scrollY > 240
    if (away && !page.holding) page.holding = true
    else if (scrollY < 8 && page.holding) page.release()
  }
  function connection(): void {
    page.online = navigator.onLine
    if (page.online) live.wake()
    else live.sleep()
  }

  return {
    start() {
      page.adopt(newer(page.known, Date.parse(page.boot.now), keeper.kept()))
      for (const card of document.querySelectorAll<HTMLElement>('[data-key][hidden]')) card.hidden = false
      page.online = navigator.onLine
      page.mode = modeNow()
      setMode(page.mode)
      live = new Live(page.boot.slug, page.known, browserWires, listener)
      live.start()
      keepSoon()
      everySecond((now) => (page.now = now))
      addEventListener('resize', fit)
      addEventListener('scroll', scrolled, { passive: true })
      addEventListener('online', connection)
      addEventListener('offline', connection)
      addEventListener('pageshow', (event) => (event as PageTransitionEvent).persisted && live.wake())
      document.addEventListener(
        'visibilitychange',
        () => document.visibilityState === 'visible' && live.wake(),
      )
      for (const sign of TO_READING) addEventListener(sign, toReading, { passive: true })
      for (const sign of SIGNS_OF_LIFE) addEventListener(sign, alive, { passive: true })
    },
    older: () => void page.readOlder((at) => live.before(at)),
    release() {
      scrollTo(0, 0)
      page.release()
    },
    returnToHall: () => show('hall'),
  }
}
