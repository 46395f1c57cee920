// Whose turn it is on a hall's screen: what has just arrived waits here for the queue, and what had its turn stands first.
import { Queue, type Timing, type Waiting } from '../lib/queue'
import type { Post } from '../live/records'

/** What was said longer ago is history when it arrives: it has no turn of its own (ms). */
const RECENT = 3_600_000
/** So many cards in each column there is room for: who comes before that has to wait for nobody. */
const FEW = 2
const TIMING: Timing = (run, ms) => setTimeout(run, ms)

export class Turns {
  waiting = $state.raw<ReadonlySet<string>>(new Set())
  /** Columns of the screen, as they are laid out now. */
  columns = 1
  /** The last first: here a post from a slow server is as new as any other. */
  #had = $state.raw<string[]>([])
  readonly #queue: Queue

  /** `most` are the cards of a screen, `has` tells whether a post is still there. */
  constructor(
    private readonly most: number,
    has: (key: string) => boolean,
    timing = TIMING,
  ) {
    const take = (key: string) => {
      const there = has(key)
      if (there) this.#had = [key, ...this.#had].slice(0, this.most)
      this.#let([key])
      return there
    }
    this.#queue = new Queue(take, () => this.columns, timing)
  }

  /**
   * `posts` newest first, as the page knows them, on a wall that had `before` others; `now` is the newest moment that is
   * known of, since a display's own clock may be wrong.
   */
  arrive(posts: Post[], before: number, now: number): void {
    const recent = posts.filter((post) => now - Date.parse(post.at) < RECENT && !this.waiting.has(post.key))
    const atOnce = Math.max(0, FEW * this.columns - before)
    const queued = recent.sort(oldestFirst).slice(atOnce)
    if (!queued.length) return
    this.waiting = new Set([...this.waiting, ...queued.map((post) => post.key)])
    const given = this.#queue.add(queued.map(describe))
    if (given.length) this.#let(given.map(({ key }) => key))
  }

  /** Those that a screen may show now, in their order. */
  order(posts: Post[]): Post[] {
    const turn = new Map(this.#had.map((key, at) => [key, at]))
    const here = posts.filter((post) => !this.waiting.has(post.key))
    const [had, others] = [
      here.filter((post) => turn.has(post.key)),
      here.filter((post) => !turn.has(post.key)),
    ]
    return [...had.sort((a, b) => turn.get(a.key)! - turn.get(b.key)!), ...others].slice(0, this.most)
  }

  clear(): void {
    this.#queue.clear()
    this.waiting = new Set()
    this.#had = []
  }

  #let(keys: string[]): void {
    const waiting = new Set(this.waiting)
    for (const key of keys) waiting.delete(key)
    this.waiting = waiting
  }
}

/** Of one moment, in the order in which the server had them. */
function oldestFirst(one: Post, other: Post): number {
  return one.at < other.at ? -1 : one.at > other.at ? 1 : one.seq - other.seq
}

function describe({ key, body }: Post): Waiting {
  const letters = `${body.title ?? ''}${(body.html ?? '').replace(/<[^>]*>/g, '')}`.length
  return { key, letters, picture: Boolean(body.media?.length || body.card?.picture) }
}
