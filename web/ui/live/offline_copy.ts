// The offline copy: the newest posts, in the browser's storage, for when the server is unavailable. Without storage, or
// on any failure, there is no copy.
import { trim, type Known } from './records'

export const MAX_POSTS = 60
const MAX_TOMBSTONES = 200

/** The known posts, and their time (ms since 1970). */
export interface Kept {
  at: number
  known: Known
}

/** The number, in its epoch, of a post's tombstone. */
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

  /**
   * Store the newest posts, without those whose tombstones are stored: the page may still be about to remove one. `at`
   * is their time, in ms since 1970.
   */
  keep(known: Known, at: number): void {
    const kept: Kept = { at, known: trim(this.without(known), MAX_POSTS) }
    this.#write('', kept)
  }

  kept(): Kept | null {
    return this.#read<Kept>('') ?? null
  }

  /** Remove posts from the copy at once, and remember their tombstones, so that an older copy of the page never shows them. */
  remove(epoch: string, tombstones: { key: string; seq: number }[]): void {
    const gone = new Map(this.#tombstones().map((tombstone) => [tombstone.key, tombstone]))
    for (const { key, seq } of tombstones) gone.set(key, { key, seq, epoch })
    this.#write(':gone', [...gone.values()].slice(-MAX_TOMBSTONES))
    const kept = this.kept()
    if (kept) this.keep(kept.known, kept.at)
  }

  /** Forget the tombstones of posts that are back (approved by an organiser, under a higher number). */
  clearTombstones(epoch: string, shown: { key: string; seq: number }[]): void {
    const numbers = new Map(shown.map(({ key, seq }) => [key, seq]))
    const tombstones = this.#tombstones()
    const left = tombstones.filter(
      (tombstone) =>
        !numbers.has(tombstone.key) ||
        (tombstone.epoch === epoch && tombstone.seq >= numbers.get(tombstone.key)!),
    )
    if (left.length < tombstones.length) this.#write(':gone', left)
  }

  removed(): string[] {
    return this.#tombstones().map((tombstone) => tombstone.key)
  }

  /** `known` without the posts removed since: a copy of the page may be older. */
  without(known: Known): Known {
    const gone = new Map(this.#tombstones().map((tombstone) => [tombstone.key, tombstone]))
    const stays = ({ key, seq }: { key: string; seq: number }) => {
      const tombstone = gone.get(key)
      return !tombstone || tombstone.epoch !== known.epoch || tombstone.seq < seq
    }
    return { ...known, posts: known.posts.filter(stays), pins: known.pins?.filter(stays) }
  }

  #tombstones(): Tombstone[] {
    const tombstones = this.#read<Tombstone[]>(':gone') ?? []
    return tombstones.filter((tombstone) => typeof tombstone?.key === 'string')
  }

  #write(what: string, value: unknown): void {
    attempt(() => this.#store?.setItem(this.#name + what, JSON.stringify(value)))
  }

  #read<T>(what: string): T | undefined {
    return attempt(() => JSON.parse(this.#store?.getItem(this.#name + what) ?? 'null') as T)
  }
}

/**
 * The newer of the page's posts and the offline copy, as a whole: a post that is missing from the newer one was removed.
 * Numbers decide within an epoch, else the clock.
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
