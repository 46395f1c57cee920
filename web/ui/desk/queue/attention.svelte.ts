// Who else looks at which post, and telling them what one looks at oneself. A mark counts for a minute, and locks nothing.
import { lookAt } from '../../lib/moderation'
import type { WireRecord } from '../../live/types'

const KIND = 'attention'
/** How long a post must be the current one before colleagues are told, and how soon a mark is renewed (ms). */
export const DWELL = 1_500
export const RENEWAL = 40_000

interface Mark {
  login: string
  name: string
  post: string
  until: string
}

export class Attention {
  /** Each colleague's mark, by the key of its record. */
  #marks = $state.raw<ReadonlyMap<string, Mark>>(new Map())
  #timer: ReturnType<typeof setTimeout> | undefined
  #told = ''

  /** `login` is one's own; `send` tells the server. */
  constructor(
    private readonly login: string,
    private readonly send: (post: string) => Promise<unknown>,
  ) {}

  static at(slug: string, login: string): Attention {
    return new Attention(login, (post) => lookAt(slug, post))
  }

  /** Take the marks among these records; with `isAll`, they are all there are. */
  take(records: readonly WireRecord[], isAll = false): void {
    const news = records.filter((record) => record.kind === KIND)
    if (!news.length && !isAll) return
    const marks = new Map(isAll ? [] : this.#marks)
    for (const { key, body } of news) {
      if (body === null) marks.delete(key)
      else marks.set(key, body as Mark)
    }
    this.#marks = marks
  }

  /** The colleagues who look at a post at this moment (ms since 1970). */
  at(post: string, now: number): string[] {
    const others = [...this.#marks.values()].filter((mark) => mark.post === post && mark.login !== this.login)
    return others.filter((mark) => Date.parse(mark.until) > now).map((mark) => mark.name)
  }

  /** One looks at this post from now on; empty for none. Told a moment later, and again while it lasts. */
  look(post: string): void {
    clearTimeout(this.#timer)
    if (post || this.#told)
      this.#timer = setTimeout(() => this.#tell(post), post === this.#told ? RENEWAL : DWELL)
  }

  /** One leaves the queue. */
  end(): void {
    clearTimeout(this.#timer)
    if (this.#told) this.#tell('')
  }

  #tell(post: string): void {
    this.#told = post
    void this.send(post).catch(() => undefined) // the next mark is told in its turn
    if (post) this.#timer = setTimeout(() => this.#tell(post), RENEWAL)
  }
}

/** `Ada is looking at this`, `Ada and Ben are looking at this`. */
export function lookingWords(names: readonly string[]): string {
  if (!names.length) return ''
  const all = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0]
  return `${all} ${names.length > 1 ? 'are' : 'is'} looking at this`
}
