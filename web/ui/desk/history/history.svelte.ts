// The state of the history: the entries of the filter, from the newest to as far as one has read.
import { readHistory, type Entry } from '../../lib/history'
import { undo } from '../../lib/moderation'
import type { Problem } from '../../lib/api'
import type { Desk } from '../desk.svelte'
import { problemFrom, wordsOf } from '../problems'
import { filterFrom, queryOf, type Filter } from './filter'
import { undoneWords } from './wording'

export class HistoryState {
  filter = $state.raw<Filter>(filterFrom(''))
  entries = $state.raw<readonly Entry[]>([])
  /** Where the next older page begins; null at the end. */
  before = $state<number | null>(null)
  isLoaded = $state(false)
  isBusy = $state(false)
  problem = $state<Problem | null>(null)
  /** The entry whose undo is on its way. */
  undoing = $state(0)
  /** How often the filter has changed, so that a late answer is not shown under another one. */
  #generation = 0

  constructor(
    private readonly desk: Desk,
    private readonly slug: string,
  ) {}

  get query(): URLSearchParams {
    return queryOf(this.filter)
  }

  /** Show the newest entries of a filter. */
  async show(filter: Filter): Promise<void> {
    this.filter = filter
    this.#generation++
    this.isBusy = false
    await this.#load(null)
  }

  refresh = (): Promise<void> => this.show(this.filter)

  /** Add the next older page. */
  older = async (): Promise<void> => {
    if (this.before !== null && !this.isBusy) await this.#load(this.before)
  }

  async undo({ entry }: Entry): Promise<void> {
    if (this.undoing) return
    this.undoing = entry
    try {
      const done = await this.desk.ask(() => undo(this.slug, entry))
      this.desk.say(done.changed ? undoneWords(done) : 'There was nothing left to undo.')
      await this.#reread()
    } catch (error) {
      this.desk.say(wordsOf(problemFrom(error)), true)
    } finally {
      this.undoing = 0
    }
  }

  /** Read again what is shown: an undo changes what it undoes, and is an entry by itself. */
  async #reread(): Promise<void> {
    const last = this.entries.at(-1)?.entry ?? 0
    const generation = this.#generation
    const entries: Entry[] = []
    let before: number | null = null
    do {
      const page: Awaited<ReturnType<typeof readHistory>> = await this.#page(before)
      entries.push(...page.entries)
      before = page.before
    } while (before !== null && before > last)
    if (generation !== this.#generation) return
    this.entries = entries
    this.before = before
  }

  async #load(before: number | null): Promise<void> {
    const generation = this.#generation
    this.isBusy = true
    try {
      const page = await this.#page(before)
      if (generation !== this.#generation) return
      this.entries = before === null ? page.entries : [...this.entries, ...page.entries]
      this.before = page.before
      this.problem = null
      this.isLoaded = true
    } catch (error) {
      if (generation === this.#generation) this.problem = problemFrom(error)
    } finally {
      if (generation === this.#generation) this.isBusy = false
    }
  }

  #page(before: number | null) {
    return this.desk.ask(() => readHistory(this.slug, this.query, before))
  }
}
