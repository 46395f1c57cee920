// The hall's queue: in a burst each post is shown by itself, and stands until it can have been read. Pure: it is handed
// its timer, and refuses to know what is shown and how.

/** What the queue has to know of a post: how many letters it has, and whether there is a picture to look at. */
export interface Waiting {
  key: string
  letters: number
  picture: boolean
}

/** Runs something later, as `setTimeout` does. */
export type Timing = (run: () => void, ms: number) => unknown

/** Of more than so many that wait, the oldest give up their turn. */
export const MOST_WAITING = 100
/** Reading speed: about 220 words a minute (ms a letter), the look that finds the post, and the look at a picture (ms). */
const LETTER = 55
const FIND = 2_500
const LOOK = 1_500
const LEAST = 4_000
const MOST = 14_000
/** With so many behind it a post has half of its time, with twice as many a third. */
const PATIENCE = 12
/** No two changes of the screen follow one another sooner (ms). */
const BEAT = 1_000

/** How long a post should stand at the head of its column (ms), with `behind` others waiting. */
export function dwell({ letters, picture }: Omit<Waiting, 'key'>, behind = 0): number {
  const whole = Math.min(MOST, Math.max(LEAST, FIND + LETTER * letters + (picture ? LOOK : 0)))
  return whole / (1 + behind / PATIENCE)
}

/**
 * Shows one post after another. As many columns change in turn as the screen has: so the next may come after the last
 * one's dwell, divided by the columns.
 */
export class Queue {
  readonly #show: (key: string) => boolean
  readonly #columns: () => number
  readonly #later: Timing
  #waiting: Waiting[] = []
  #resting = false

  /** `show` returns whether there was anything to show: what was taken away meanwhile takes nobody's time. */
  constructor(show: (key: string) => boolean, columns: () => number, later: Timing) {
    this.#show = show
    this.#columns = columns
    this.#later = later
  }

  /** The oldest first. Returns those that give up their turn. */
  add(posts: Waiting[]): Waiting[] {
    this.#waiting.push(...posts)
    const given = this.#waiting.splice(0, Math.max(0, this.#waiting.length - MOST_WAITING))
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
      this.#later(() => this.#next(), Math.max(BEAT, rest))
      return
    }
  }
}
