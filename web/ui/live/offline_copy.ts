// Last-known-good: what this browser saw last, kept for the day when the server is away. It owns the browser's storage,
// and survives having none: every failure reads as “nothing kept”.
import { trim, type Known } from './records'

export const MOST = 60
const GONE = 200

/** What was known, and when that was true (ms since 1970). */
export interface Kept {
  at: number
  known: Known
}

/** The number, in its epoch, under which a post was taken away. */
interface Tombstone {
  key: string
  seq: number
  epoch: string
}

export class OfflineCopy {
  readonly #store: Storage | null
  readonly #name: string

  constructor(slug: string, store: () => Storage = () => localStorage) {
    this.#name = `backchannel:${slug}`
    this.#store = attempt(store) ?? null
  }

  /** Keep the newest posts, and which were taken away. `at` is when they were true, in ms since 1970. */
  keep(known: Known, at: number): void {
    const kept: Kept = { at, known: trim(known, MOST) }
    this.#write('', kept)
  }

  kept(): Kept | null {
    return this.#read<Kept>('') ?? null
  }

  /** Posts were taken away: what is kept of them goes at once, and an older copy of the page never shows them again. */
  remove(epoch: string, tombstones: { key: string; seq: number }[]): void {
    const gone = new Map(this.#tombstones().map((grave) => [grave.key, grave]))
    for (const { key, seq } of tombstones) gone.set(key, { key, seq, epoch })
    this.#write(':gone', [...gone.values()].slice(-GONE))
    const kept = this.kept()
    if (kept) this.keep({ ...kept.known, posts: this.#alive(kept.known) }, kept.at)
  }

  /** Posts that came back after all (shown again by an organiser, under a higher number). */
  restore(epoch: string, shown: { key: string; seq: number }[]): void {
    const numbers = new Map(shown.map(({ key, seq }) => [key, seq]))
    const tombstones = this.#tombstones()
    const left = tombstones.filter(
      (grave) => !numbers.has(grave.key) || (grave.epoch === epoch && grave.seq >= numbers.get(grave.key)!),
    )
    if (left.length < tombstones.length) this.#write(':gone', left)
  }

  removed(): string[] {
    return this.#tombstones().map((grave) => grave.key)
  }

  /** `known` without what was taken away since: a copy of the page may be older than that. */
  without(known: Known): Known {
    return { ...known, posts: this.#alive(known) }
  }

  #alive(known: Known): Known['posts'] {
    const gone = new Map(this.#tombstones().map((grave) => [grave.key, grave]))
    return known.posts.filter(({ key, seq }) => {
      const grave = gone.get(key)
      return !grave || grave.epoch !== known.epoch || grave.seq < seq
    })
  }

  #tombstones(): Tombstone[] {
    const tombstones = this.#read<Tombstone[]>(':gone') ?? []
    return tombstones.filter((grave) => typeof grave?.key === 'string')
  }

  #write(what: string, value: unknown): void {
    attempt(() => this.#store?.setItem(this.#name + what, JSON.stringify(value)))
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
