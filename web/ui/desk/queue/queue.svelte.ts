// The state of one wall's queue: the posts of the desk's channel, which of them are shown, and which are selected.
import type { Listener } from '../../live/live'
import { extend, isWithin, merge, NOTHING, start, type Known } from '../../live/records'
import type { Batch, DeskBody, Position, WireRecord } from '../../live/types'
import { countsOf, filterFrom, finder, insertKeys, isIn, type DeskPost, type Filter } from './items'
import { openGuesses, withGuesses, type Guess, type Overlay } from './overlay'

export class QueueState implements Listener {
  known = $state.raw<Known<DeskBody>>(NOTHING)
  filter = $state.raw<Filter>({ tab: 'held', words: '' })
  /** The posts in the list, in their order: it changes by what one does, never because something arrives. */
  order = $state.raw<readonly string[]>([])
  selected = $state.raw<ReadonlySet<string>>(new Set())
  /** The post that the keys act on. */
  current = $state('')
  isLoaded = $state(false)
  isRemoved = $state(false)
  /** Whether enough older posts are loaded for now; `loadOn` loads further ones. */
  isPaused = $state(false)
  loadOn: () => void = () => undefined
  /** Called with the records that come, for the colleagues' marks among them. */
  marks: (records: readonly WireRecord[], isAll: boolean) => void = () => undefined
  /** Whether the view is gone, and nothing more is loaded for it. */
  isEnded = false
  /** Null until a connection was tried. */
  isUp = $state<boolean | null>(null)
  /** The time of the last message (ms since 1970). */
  heard = $state(0)
  now = $state(Date.now())
  #overlay = $state.raw<Overlay>(new Map())
  /** Records that came while a page of older posts was requested, which may be older than they are. */
  #since: WireRecord[] | null = null

  posts = $derived(withGuesses(this.known.posts, this.#overlay))
  counts = $derived(countsOf(this.posts.values()))
  #matching = $derived.by(() => {
    const { tab, words } = this.filter
    const finds = finder(words)
    return [...this.posts.values()].filter((post) => isIn(tab, post.body.state) && finds(post))
  })
  shown = $derived.by(() => {
    const { posts } = this
    return this.order.flatMap((key) => posts.get(key) ?? [])
  })
  /** Posts that have arrived, or come to this tab, since the list was made. */
  arrived = $derived.by(() => {
    const there = new Set(this.order)
    return this.#matching.filter((post) => !there.has(post.key))
  })
  chosen = $derived.by(() => {
    const { selected } = this
    return this.shown.filter((post) => selected.has(post.key))
  })

  constructor(search: string) {
    this.filter = filterFrom(search)
  }

  get zone(): string {
    return this.known.wall?.time_zone ?? 'UTC'
  }

  /** Show what the address bar says. */
  follow(search: string): void {
    this.show(filterFrom(search))
  }

  /** Show another tab, or search for other words. */
  show(filter: Filter): void {
    if (filter.tab === this.filter.tab && filter.words === this.filter.words) return
    this.filter = filter
    this.selected = new Set()
    this.refresh()
  }

  /** Make the list anew: with what has arrived, without what has left the tab. */
  refresh(): void {
    this.order = this.#matching.map((post) => post.key)
    if (!this.posts.has(this.current) || !this.order.includes(this.current)) this.current = ''
    this.#select(this.order.filter((key) => this.selected.has(key)))
  }

  records(records: WireRecord[], seq: number): void {
    this.#since?.push(...records)
    this.marks(records, false)
    this.#take(merge(this.known, records, seq))
    // Nothing can move in an empty list.
    if (!this.shown.length) this.refresh()
  }

  snapshot(batch: Batch): void {
    this.#since = null
    this.isRemoved = false
    this.marks(batch.records, true)
    this.#take(start(batch))
    this.isLoaded = true
    this.refresh()
  }

  state(up: boolean, heard: number): void {
    this.isUp = up
    this.heard = heard
  }

  removed(): void {
    this.known = { ...NOTHING }
    this.order = []
    this.isRemoved = true
  }

  /** Load one page of older posts. They come below all others. Throws what `load` throws. */
  async loadOlder(load: (last: Position) => Promise<Batch>): Promise<void> {
    const { reach } = this.known
    if (!reach) return
    const since: WireRecord[] = (this.#since = [])
    const batch = await load(reach).finally(() => {
      if (this.#since === since) this.#since = null
    })
    if (this.known.reach !== reach || batch.epoch !== this.known.epoch) return // a reset came meanwhile
    const later = since.filter((record) => record.seq > batch.head && !isWithin(reach, record))
    const gone = since.filter((record) => record.seq > batch.head && record.body === null)
    const posts = batch.records.filter((record) => record.kind === 'post')
    this.#take(extend(this.known, [...posts, ...later, ...gone], batch.records.at(-1)))
    const page = new Set(posts.map((record) => record.key))
    const fresh = this.#matching.filter((post) => page.has(post.key)).map((post) => post.key)
    const there = new Set(this.order)
    this.order = [...this.order, ...fresh.filter((key) => !there.has(key))]
  }

  /** Show a change before the server has confirmed it. A post that leaves the tab by it leaves the list. */
  guess(guesses: ReadonlyMap<string, Guess>): void {
    this.#overlay = new Map([...this.#overlay, ...guesses])
    const { posts } = this
    const leaves = (post: DeskPost | undefined) => !post || !this.isHere(post)
    const leaving = new Set([...guesses.keys()].filter((key) => leaves(posts.get(key))))
    if (leaving.size) this.#leave(leaving)
  }

  /** Show the truth about these posts again; those that are in this tab stand in the list again. */
  settle(keys: readonly string[]): void {
    const open = new Map(this.#overlay)
    for (const key of keys) open.delete(key)
    this.#overlay = open
    this.restore(keys)
  }

  /** Put posts back to their places in the list. */
  restore(keys: readonly string[]): void {
    this.order = insertKeys(this.order, keys, this.posts)
  }

  /** Whether a post is still in the tab that is shown. */
  isHere = (post: DeskPost) => isIn(this.filter.tab, post.body.state)

  toggle(key: string, on = !this.selected.has(key)): void {
    const selected = new Set(this.selected)
    if (on) selected.add(key)
    else selected.delete(key)
    this.selected = selected
  }

  /** Select all posts between these two, both included. */
  selectRange(from: string, to: string): void {
    const [a, b] = [this.order.indexOf(from), this.order.indexOf(to)]
    if (a < 0 || b < 0) return this.toggle(to, true)
    this.#select([...this.selected, ...this.order.slice(Math.min(a, b), Math.max(a, b) + 1)])
  }

  selectAll(): void {
    this.#select(this.shown.filter(this.isHere).map((post) => post.key))
  }

  selectNone(): void {
    this.selected = new Set()
  }

  #select(keys: Iterable<string>): void {
    this.selected = new Set(keys)
  }

  /** The next post becomes the current one, else the one before. */
  #leave(leaving: ReadonlySet<string>): void {
    const at = this.order.indexOf(this.current)
    const stays = (key: string | undefined) => key !== undefined && !leaving.has(key)
    if (at >= 0 && leaving.has(this.current))
      this.current = this.order.slice(at).find(stays) ?? this.order.slice(0, at).findLast(stays) ?? ''
    this.order = this.order.filter((key) => !leaving.has(key))
    this.#select([...this.selected].filter((key) => !leaving.has(key)))
  }

  #take(known: Known<DeskBody>): void {
    this.known = known
    this.#overlay = openGuesses(this.#overlay, known.posts)
  }
}
