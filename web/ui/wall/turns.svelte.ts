// Turns on a hall's screen: arrivals wait here for the queue, and posts that had their turn come first.
import { Queue, type Timing, type Waiting } from '../lib/queue'
import type { Post } from '../live/records'

/** Posts older than this on arrival (ms) have no turn. */
const RECENT = 3_600_000
/** Cards per column up to which arrivals don't wait. */
const FEW = 2
/** From the end of the change, which a slow machine takes a while for. */
const TIMING: Timing = (run, ms) => setTimeout(() => setTimeout(run, ms))

export class Turns {
  waiting = $state.raw<ReadonlySet<string>>(new Set())
  /** The current number of columns. */
  columns = 1
  /** Posts that had their turn, the latest first, whatever their date. */
  #shownBefore = $state.raw<string[]>([])
  readonly #queue: Queue

  /** `most` is the number of cards on a screen; `has` returns whether a post still exists. */
  constructor(
    private readonly most: number,
    has: (key: string) => boolean,
    timing = TIMING,
  ) {
    const take = (key: string) => {
      const there = has(key)
      if (there) this.#shownBefore = [key, ...this.#shownBefore].slice(0, this.most)
      this.#release([key])
      return there
    }
    this.#queue = new Queue(take, () => this.columns, timing)
  }

  /**
   * Take in `posts`, newest first, on a wall that had `before` others. `now` is the newest known time, since a display's own
   * clock may be wrong.
   */
  arrive(posts: Post[], before: number, now: number): void {
    const recent = posts.filter((post) => now - Date.parse(post.at) < RECENT && !this.waiting.has(post.key))
    const atOnce = Math.max(0, FEW * this.columns - before)
    const queued = recent.sort(oldestFirst).slice(atOnce)
    if (!queued.length) return
    this.waiting = new Set([...this.waiting, ...queued.map((post) => post.key)])
    const given = this.#queue.add(queued.map(describe))
    if (given.length) this.#release(given.map(({ key }) => key))
  }

  /** The posts that a screen may show now, in order. */
  order(posts: Post[]): Post[] {
    const turn = new Map(this.#shownBefore.map((key, at) => [key, at]))
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
    this.#shownBefore = []
  }

  #release(keys: string[]): void {
    const waiting = new Set(this.waiting)
    for (const key of keys) waiting.delete(key)
    this.waiting = waiting
  }
}

/** Posts of one timestamp, in the server's order. */
function oldestFirst(one: Post, other: Post): number {
  return one.at < other.at ? -1 : one.at > other.at ? 1 : one.seq - other.seq
}

function describe({ key, body }: Post): Waiting {
  const letters = `${body.title ?? ''}${(body.html ?? '').replace(/<[^>]*>/g, '')}`.length
  return { key, letters, picture: Boolean(body.media?.length || body.card?.picture) }
}
