// Last-known-good: what this browser saw last, kept for the day when the server is away. It owns the browser's storage,
// and survives having none: every failure reads as “nothing kept”.
import type { Known } from './records'

export const MOST = 60
const GONE = 200

/** What was known, and when that was true (ms since 1970). */
export interface Kept {
  at: number
  known: Known
}

export class Keeper {
  readonly #store: Storage | null
  readonly #name: string

  constructor(slug: string, store: () => Storage = () => localStorage) {
    this.#name = `backchannel:${slug}`
    this.#store = attempt(store) ?? null
  }

  /** Keep the newest posts, and which were taken away. `at` is when they were true, in ms since 1970. */
  keep(known: Known, at: number): void {
    const kept: Kept = { at, known: { ...known, posts: known.posts.slice(0, MOST) } }
    attempt(() => this.#store?.setItem(this.#name, JSON.stringify(kept)))
  }

  kept(): Kept | null {
    return this.#read<Kept>('') ?? null
  }

  /** A post was taken away: what is kept of it goes at once, and an older copy of the page never shows it again. */
  bury(keys: string[]): void {
    const kept = this.kept()
    const posts = kept?.known?.posts?.filter((post) => !keys.includes(post.key))
    if (kept && posts && posts.length < kept.known.posts.length) this.keep({ ...kept.known, posts }, kept.at)
    const buried = [...this.buried().filter((key) => !keys.includes(key)), ...keys].slice(-GONE)
    attempt(() => this.#store?.setItem(`${this.#name}:gone`, JSON.stringify(buried)))
  }

  /** A post that came back after all (shown again by an organiser). */
  unbury(keys: string[]): void {
    const buried = this.buried()
    const left = buried.filter((key) => !keys.includes(key))
    if (left.length < buried.length) {
      attempt(() => this.#store?.setItem(`${this.#name}:gone`, JSON.stringify(left)))
    }
  }

  buried(): string[] {
    return this.#read<string[]>(':gone') ?? []
  }

  #read<T>(what: string): T | undefined {
    return attempt(() => JSON.parse(this.#store?.getItem(this.#name + what) ?? 'null') as T)
  }
}

/**
 * Which of two is newer: what the page brought, or what was kept. One of them as a whole, never a
 * mixture: a post that is missing from the newer one was taken away. Numbers decide within an epoch, else the clock.
 */
export function newer(boot: Kept, kept: Kept | null): Kept {
  if (!kept?.known?.posts || !kept.known.epoch) return boot
  const keptWins = kept.known.epoch === boot.known.epoch ? kept.known.seq > boot.known.seq : kept.at > boot.at
  return keptWins ? kept : boot
}

function attempt<T>(risky: () => T): T | undefined {
  try {
    return risky()
  } catch {
    return undefined
  }
}
