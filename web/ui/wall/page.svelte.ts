// The state of a wall page, for its components: posts, mode, pending posts and connection state.
import type { Listener } from '../live/live'
import type { Mode } from '../layout/mode'
import type { Timing } from '../lib/queue'
import { extend, isWithin, merge, NOTHING, start, trim, type Known, type Post } from '../live/records'
import type { Batch, Boot, Position, WallBody, WireRecord } from '../live/types'
import { Stretch } from './stretch.svelte'
import { Turns } from './turns.svelte'

/** Cards in the document, for screens and for readers. */
const MAX_CARDS = { hall: 60, read: 300 }
const STEP = 60
/** Posts that a page keeps once its reader is back at the top. */
const MAX_KNOWN = 3_000
/** Tombstones to remember: a page of older posts may have been cached before them. */
const MAX_TOMBSTONES = 1000

/** The states of the live mark. `page`: no connection was tried yet, or scripts don't run. */
export type ConnectionState = 'page' | 'live' | 'paused' | 'reconnecting' | 'stale' | 'offline' | 'removed'
export type Older = 'more' | 'loading' | 'failed' | 'end'

const BRIEF = 5_000

export class WallPage implements Listener {
  readonly boot: Boot
  known = $state.raw<Known>(NOTHING)
  now = $state(0)
  mode = $state<Mode>('read')
  /** Whether new posts are kept back until the reader asks for them. */
  isHolding = $state(false)
  unread = $state.raw<ReadonlySet<string>>(new Set())
  /** Whether the reader has paused new posts. */
  paused = $state(false)
  /** Whether the pointer or a key was used a moment ago. */
  pointed = $state(false)
  online = $state(true)
  isRemoved = $state(false)
  /** In a preview at the desk: a look that is not saved yet. */
  look = $state.raw<WallBody['look'] | null>(null)
  #request = $state<'idle' | 'loading' | 'failed'>('idle')
  #up = $state<boolean | null>(null)
  #heard = $state(0)
  /** The number of each tombstone. */
  readonly #tombstones = new Map<string, number>()
  /** Records of posts below the reach, which a page of older posts may predate. */
  readonly #below = new Map<string, WireRecord>()

  readonly turns: Turns

  /** The keys of pins that have not ended; as text, so that a second's tick alone changes nothing. */
  #pinned = $derived(
    (this.known.pins ?? [])
      .filter((pin) => Date.parse(pin.until) > this.now)
      .map((pin) => pin.key)
      .join(' '),
  )
  /** The posts that stay first. */
  pinned = $derived.by(() => {
    const keys = new Set(this.#pinned.split(' '))
    return (this.known.pins ?? []).filter((pin) => keys.has(pin.key) && this.#belongs(pin))
  })
  /** All others, newest first. */
  #others = $derived.by(() => {
    const pinned = new Set(this.pinned.map((pin) => pin.key))
    return this.known.posts.filter((post) => !pinned.has(post.key) && this.#belongs(post))
  })

  shown = $derived(this.#shown())
  readonly stretch = new Stretch(MAX_CARDS.read, STEP)
  older = $derived<Older>(this.#request !== 'idle' ? this.#request : this.#isWhole() ? 'end' : 'more')
  connection = $derived(this.#connectionState())
  heard = $derived(this.#heard)

  constructor(boot: Boot, timing?: Timing) {
    this.boot = boot
    this.turns = new Turns(MAX_CARDS.hall, (key) => this.known.posts.some((post) => post.key === key), timing)
    this.now = Date.parse(boot.now)
    this.#heard = this.now
    this.known = start(boot)
  }

  get wall(): WallBody {
    const { slug } = this.boot
    const wall = this.known.wall ?? { slug, name: slug, hashtag: '', time_zone: 'UTC', look: {} }
    return this.look ? { ...wall, look: this.look } : wall
  }

  /** Start from a newer state than the page's own. */
  adopt(known: Known): void {
    this.known = known
  }

  records(records: WireRecord[], seq: number): void {
    this.#remove(records)
    this.#keepBelow(records)
    const before = new Set(this.known.posts.map((post) => post.key))
    const known = merge(this.known, records, seq)
    this.known = this.stretch.isMoved ? known : trim(known, MAX_KNOWN)
    const arrived = this.known.posts.filter((post) => !before.has(post.key))
    if (this.mode === 'hall')
      this.turns.arrive(
        arrived.filter((post) => this.#belongs(post)),
        before.size,
        Date.parse(this.known.posts[0]?.at ?? ''),
      )
    else if (this.isHolding && arrived.length)
      this.unread = new Set([...this.unread, ...arrived.map((post) => post.key)])
  }

  snapshot(batch: Batch): void {
    this.known = start(batch)
    this.release()
    this.isRemoved = false
    this.#below.clear()
    this.#request = 'idle'
  }

  removed(): void {
    this.known = { ...this.known, posts: [], pins: [], reach: null }
    this.release()
    this.isRemoved = true
  }

  state(up: boolean, heard: number): void {
    this.#up = up
    this.#heard = heard
  }

  /** The number of unread posts, without removed ones. */
  get waiting(): number {
    return this.#others.reduce((sum, post) => sum + (this.unread.has(post.key) ? 1 : 0), 0)
  }

  /** Posts pending for their turn on a screen. */
  get queued(): number {
    const { waiting } = this.turns
    return this.#others.reduce((sum, post) => sum + (waiting.has(post.key) ? 1 : 0), 0)
  }

  release(): void {
    this.isHolding = this.paused
    this.unread = new Set()
    this.turns.clear()
    this.stretch.reset()
  }

  /** Show newer posts again when the reader comes back up. */
  readNewer(): void {
    if (this.stretch.isMoved) this.stretch.up(this.#readable())
  }

  /** Show the stretch with this post, if it is below the first. */
  scrollTo(key: string): void {
    this.stretch.scrollTo(this.#readable(), key)
  }

  pause(paused: boolean): void {
    this.paused = paused
    if (paused) this.isHolding = true
    else this.release()
  }

  async readOlder(before: (last: Position) => Promise<Batch>): Promise<void> {
    if (this.stretch.hasBelow(this.#readable())) return this.stretch.down(this.#readable())
    const { reach } = this.known
    if (this.#request === 'loading' || !reach) return
    this.#request = 'loading'
    try {
      const batch = await before(reach)
      this.#request = 'idle'
      if (this.known.reach !== reach) return // a reset came meanwhile
      const posts = batch.records.filter((record) => record.kind === 'post' && !this.#isTombstone(record))
      const since = [...this.#below.values()].filter((record) => record.seq > batch.head)
      this.known = extend(this.known, [...posts, ...since], batch.records.at(-1))
      if (this.stretch.hasBelow(this.#readable())) this.stretch.down(this.#readable())
    } catch {
      this.#request = 'failed'
    }
  }

  #shown(): Post[] {
    if (this.mode === 'hall') return [...this.pinned, ...this.turns.order(this.#others)]
    const stretch = this.stretch.of(this.#readable())
    return this.stretch.isMoved ? stretch : [...this.pinned, ...stretch]
  }

  /** All posts for the reader, shown or further down. */
  #readable(): Post[] {
    return this.#others.filter((post) => !this.unread.has(post.key))
  }

  /** Whether a post is on this page: a page of nuggets has no others. */
  #belongs({ body }: Post): boolean {
    return !this.boot.nuggets || Boolean(body.nugget)
  }

  #isWhole(): boolean {
    return !this.known.reach && !this.stretch.hasBelow(this.#readable())
  }

  #remove(records: WireRecord[]): void {
    for (const { kind, key, seq, body } of records)
      if (kind === 'post' && body === null) this.#tombstones.set(key, seq)
    bound(this.#tombstones)
  }

  #keepBelow(records: WireRecord[]): void {
    for (const record of records) {
      if (record.kind !== 'post') continue
      this.#below.delete(record.key)
      if (record.body !== null && !isWithin(this.known.reach, record)) this.#below.set(record.key, record)
    }
    bound(this.#below)
  }

  #isTombstone({ key, seq }: WireRecord): boolean {
    return (this.#tombstones.get(key) ?? -1) > seq
  }

  #connectionState(): ConnectionState {
    if (this.isRemoved) return 'removed'
    if (!this.online) return 'offline'
    if (this.#up === null) return 'page'
    if (this.#up) return this.paused ? 'paused' : 'live'
    return this.now - this.#heard < BRIEF ? 'reconnecting' : 'stale'
  }
}

/** Drop the oldest entries beyond the maximum. */
function bound(memory: Map<string, unknown>): void {
  for (const key of memory.keys()) {
    if (memory.size <= MAX_TOMBSTONES) break
    memory.delete(key)
  }
}
