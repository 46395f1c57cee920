// The state of the view: the sources, loaded again every few seconds while the page is seen, and the answers of networks.
import { listChoices, listSources, type ListedSource, type Source } from '../../lib/sources'
import type { Desk } from '../desk.svelte'
import type { Problem } from '../../lib/api'
import { problemFrom, wordsOf } from '../problems'
import { Resource } from '../resource.svelte'
import { Answer } from './answer.svelte'
import { nameOf } from './words'

/** Milliseconds. */
const REFRESH_INTERVAL = 4_000
const TICK = 1_000

export class SourcesState {
  readonly list: Resource<ListedSource[]>
  now = $state(Date.now())
  answers = $state.raw<Answer[]>([])
  isLooking = $state(false)
  /** Why nothing can be followed under what was typed. */
  problem = $state<Problem | null>(null)
  /** Sources that an act is about at this moment. */
  busy = $state<number[]>([])
  /** What was removed with its posts last: the act, by which that can be undone. */
  removed = $state<{ words: string; entry: number } | null>(null)
  #generation = 0

  constructor(
    readonly desk: Desk,
    readonly slug: string,
  ) {
    this.list = new Resource(() => desk.ask(() => listSources(slug)))
  }

  /** Load now and again; returns what stops that. */
  start(): () => void {
    void this.list.refresh()
    const ticking = setInterval(() => (this.now = Date.now()), TICK)
    const loading = setInterval(() => {
      if (document.visibilityState === 'visible' && this.desk.isOnline) void this.list.refresh()
    }, REFRESH_INTERVAL)
    return () => (clearInterval(ticking), clearInterval(loading))
  }

  /** Ask all networks that recognise it. Resolves when each has answered. */
  async look(text: string, on: string): Promise<void> {
    const generation = ++this.#generation
    this.isLooking = true
    this.problem = null
    this.answers = []
    try {
      const choices = await this.desk.ask(() => listChoices(this.slug, text.trim(), on.trim()))
      if (generation !== this.#generation) return
      this.answers = choices.map((choice) => new Answer(this.desk, this.slug, choice))
    } catch (error) {
      if (generation === this.#generation) this.problem = problemFrom(error)
    } finally {
      if (generation === this.#generation) this.isLooking = false
    }
    await Promise.all(this.answers.map((answer) => answer.ask()))
  }

  /** Follow what a network has answered. Returns whether that was done. */
  async follow(answer: Answer, anyway = false): Promise<boolean> {
    const done = await answer.follow(anyway)
    if (!done) return false
    this.desk.say(`Following ${nameOf(done.source)}. Its first posts come within seconds.`)
    await this.list.refresh()
    return true
  }

  forget(): void {
    this.#generation++
    this.answers = []
    this.problem = null
    this.isLooking = false
  }

  /** Do something to a source, and say so; the list is loaded again. */
  async act(source: Source, send: () => Promise<unknown>, words: string): Promise<void> {
    if (this.busy.includes(source.id)) return
    this.busy = [...this.busy, source.id]
    try {
      await this.desk.ask(send)
      this.desk.say(words)
    } catch (error) {
      this.desk.say(wordsOf(problemFrom(error)), true)
    } finally {
      this.busy = this.busy.filter((id) => id !== source.id)
      await this.list.refresh()
    }
  }
}
