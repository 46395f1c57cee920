// What one wall page shows at this moment: the posts, the mode, what is held back, and how far away the server is.
// It joins the pure parts of lib/ for the components, and refuses to know how anything looks.
import type { Listener } from '../live/live'
import type { Mode } from '../layout/mode'
import type { Timing } from '../lib/queue'
import { extend, isWithin, merge, NOTHING, start, trim, type Known, type Post } from '../live/records'
import type { Batch, Boot, Position, WallBody, WireRecord } from '../live/types'
import { Stretch } from './stretch.svelte'
import { Turns } from './turns.svelte'

/** Cards in the document: on a screen more would never be seen, and no phone should carry more. */
const MOST = { hall: 60, read: 300 }
const STEP = 60
/** Posts that a page goes on remembering once its reader is back at the top. */
const MOST_KNOWN = 3_000
/** Keys that we remember as taken away: a page of older posts may have been read, or kept by a cache, before that. */
const GRAVES = 1000

/** How a live mark tells it: `page` is the time before any line was tried, or scripts that never ran. */
export type Line = 'page' | 'live' | 'paused' | 'reconnecting' | 'stale' | 'offline' | 'removed'
export type Older = 'more' | 'loading' | 'failed' | 'end'

const BRIEF = 5_000

export class WallPage implements Listener {
  readonly boot: Boot
  known = $state.raw<Known>(NOTHING)
  now = $state(0)
  mode = $state<Mode>('read')
  /** Whether new posts wait until the reader asks for them, because reading must not move under the eyes. */
  holding = $state(false)
  held = $state.raw<ReadonlySet<string>>(new Set())
  /** Whether the reader wants nothing to move until asked for. */
  paused = $state(false)
  /** Whether the pointer or a key moved a moment ago. */
  pointed = $state(false)
  online = $state(true)
  gone = $state(false)
  #asking = $state<'idle' | 'loading' | 'failed'>('idle')
  #up = $state<boolean | null>(null)
  #heard = $state(0)
  /** The number under which each was taken away. */
  readonly #gone = new Map<string, number>()
  /** What was told of posts below the reach: a page of older posts may be older than that. */
  readonly #below = new Map<string, WireRecord>()

  readonly turns: Turns

  shown = $derived(this.#shown())
  readonly stretch = new Stretch(MOST.read, STEP)
  older = $derived<Older>(this.#asking !== 'idle' ? this.#asking : this.#isWhole() ? 'end' : 'more')
  line = $derived(this.#line())
  heard = $derived(this.#heard)

  constructor(boot: Boot, timing?: Timing) {
    this.boot = boot
    this.turns = new Turns(MOST.hall, (key) => this.known.posts.some((post) => post.key === key), timing)
    this.now = Date.parse(boot.now)
    this.#heard = this.now
    this.known = start(boot)
  }

  get wall(): WallBody {
    const { slug } = this.boot
    return this.known.wall ?? { slug, name: slug, hashtag: '', time_zone: 'UTC', look: {} }
  }

  /** Start from something newer than the page itself. */
  adopt(known: Known): void {
    this.known = known
  }

  records(records: WireRecord[], seq: number): void {
    this.#remove(records)
    this.#keepBelow(records)
    const before = new Set(this.known.posts.map((post) => post.key))
    const known = merge(this.known, records, seq)
    this.known = this.stretch.isMoved ? known : trim(known, MOST_KNOWN)
    const arrived = this.known.posts.filter((post) => !before.has(post.key))
    if (this.mode === 'hall')
      this.turns.arrive(arrived, before.size, Date.parse(this.known.posts[0]?.at ?? ''))
    else if (this.holding && arrived.length)
      this.held = new Set([...this.held, ...arrived.map((post) => post.key)])
  }

  snapshot(batch: Batch): void {
    this.known = start(batch)
    this.release()
    this.gone = false
    this.#below.clear()
    this.#asking = 'idle'
  }

  removed(): void {
    this.known = { ...this.known, posts: [], reach: null }
    this.release()
    this.gone = true
  }

  state(up: boolean, heard: number): void {
    this.#up = up
    this.#heard = heard
  }

  /** Posts that wait; those that were taken away meanwhile are not among them. */
  get waiting(): number {
    return this.known.posts.reduce((sum, post) => sum + (this.held.has(post.key) ? 1 : 0), 0)
  }

  /** Posts that wait for their turn on a screen. */
  get queued(): number {
    const { waiting } = this.turns
    return this.known.posts.reduce((sum, post) => sum + (waiting.has(post.key) ? 1 : 0), 0)
  }

  release(): void {
    this.holding = this.paused
    this.held = new Set()
    this.turns.clear()
    this.stretch.reset()
  }

  /** Show again what lies above, where the reader has gone far down and comes back. */
  readNewer(): void {
    if (this.stretch.isMoved) this.stretch.up(this.#free())
  }

  /** Show the stretch in which this post is, where that is below the first. */
  reach(key: string): void {
    this.stretch.reach(this.#free(), key)
  }

  pause(paused: boolean): void {
    this.paused = paused
    if (paused) this.holding = true
    else this.release()
  }

  async readOlder(before: (last: Position) => Promise<Batch>): Promise<void> {
    if (this.stretch.hasBelow(this.#free())) return this.stretch.down(this.#free())
    const { reach } = this.known
    if (this.#asking === 'loading' || !reach) return
    this.#asking = 'loading'
    try {
      const batch = await before(reach)
      this.#asking = 'idle'
      if (this.known.reach !== reach) return // all is new meanwhile
      const posts = batch.records.filter((record) => record.kind === 'post' && !this.#isGone(record))
      const since = [...this.#below.values()].filter((record) => record.seq > batch.head)
      this.known = extend(this.known, [...posts, ...since], batch.records.at(-1))
      if (this.stretch.hasBelow(this.#free())) this.stretch.down(this.#free())
    } catch {
      this.#asking = 'failed'
    }
  }

  #shown(): Post[] {
    if (this.mode === 'hall') return this.turns.order(this.known.posts)
    return this.stretch.of(this.#free())
  }

  /** All that a reader may see, shown or further down. */
  #free(): Post[] {
    return this.known.posts.filter((post) => !this.held.has(post.key))
  }

  #isWhole(): boolean {
    return !this.known.reach && !this.stretch.hasBelow(this.#free())
  }

  #remove(records: WireRecord[]): void {
    for (const { kind, key, seq, body } of records)
      if (kind === 'post' && body === null) this.#gone.set(key, seq)
    bound(this.#gone)
  }

  #keepBelow(records: WireRecord[]): void {
    for (const record of records) {
      this.#below.delete(record.key)
      if (record.body !== null && !isWithin(this.known.reach, record)) this.#below.set(record.key, record)
    }
    bound(this.#below)
  }

  #isGone({ key, seq }: WireRecord): boolean {
    return (this.#gone.get(key) ?? -1) > seq
  }

  #line(): Line {
    if (this.gone) return 'removed'
    if (!this.online) return 'offline'
    if (this.#up === null) return 'page'
    if (this.#up) return this.paused ? 'paused' : 'live'
    return this.now - this.#heard < BRIEF ? 'reconnecting' : 'stale'
  }
}

/** The oldest of so many are forgotten. */
function bound(memory: Map<string, unknown>): void {
  for (const key of memory.keys()) {
    if (memory.size <= GRAVES) break
    memory.delete(key)
  }
}
