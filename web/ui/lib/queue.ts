// The hall's queue: in a burst posts are shown one by one, each long enough to be read. Pure: the timer is passed in.

/** A post's length in letters, and whether it has pictures. */
export interface Waiting {
  key: string
  letters: number
  picture: boolean
}

/** Run a function later, as `setTimeout` does. */
export type Timing = (run: () => void, ms: number) => unknown

/** The maximum number of pending posts; beyond it the oldest lose their turn. */
export const MAX_PENDING = 100
/** Reading speed: about 220 words a minute (ms per letter), plus the time to find a post and to see a picture (ms). */
const MS_PER_LETTER = 55
const FIND_MS = 2_500
const PICTURE_MS = 1_500
const MIN_DWELL = 4_000
const MAX_DWELL = 14_000
/** With this many pending behind it a post has half of its time, with twice as many a third. */
const HURRY_FROM = 12
/** The shortest time between two changes of the screen (ms). */
const MIN_INTERVAL = 1_000

/** The time for a post at the head of its column (ms), with `behind` others pending. */
export function dwell({ letters, picture }: Omit<Waiting, 'key'>, behind = 0): number {
  const whole = Math.min(
    MAX_DWELL,
    Math.max(MIN_DWELL, FIND_MS + MS_PER_LETTER * letters + (picture ? PICTURE_MS : 0)),
  )
  return whole / (1 + behind / HURRY_FROM)
}

/**
 * Shows one post after another. The columns take turns, so that the next post may come after the last one's dwell divided
 * by the number of columns.
 */
export class Queue {
  readonly #show: (key: string) => boolean
  readonly #columns: () => number
  readonly #later: Timing
  #waiting: Waiting[] = []
  #resting = false

  /** `show` returns whether the post was shown: one that has been removed takes no time. */
  constructor(show: (key: string) => boolean, columns: () => number, later: Timing) {
    this.#show = show
    this.#columns = columns
    this.#later = later
  }

  /** Add posts, oldest first. Returns those that lose their turn. */
  add(posts: Waiting[]): Waiting[] {
    this.#waiting.push(...posts)
    const given = this.#waiting.splice(0, Math.max(0, this.#waiting.length - MAX_PENDING))
    if (!this.#resting) this.#next()
    return given
  }

  clear(): void {
    this.#waiting = []
  }

  #next(): void {
    this.#resting = false
    for (let post = this.#waiting.shift(); post; post = this.#waiting.shift()) {
      if (!this.#show(post.key)) continue
      this.#resting = true
      const rest = dwell(post, this.#waiting.length) / Math.max(1, this.#columns())
      this.#later(() => this.#next(), Math.max(MIN_INTERVAL, rest))
      return
    }
  }
}
