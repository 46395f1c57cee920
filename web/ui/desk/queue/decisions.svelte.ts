// Takes decisions about posts: shows each at once where that is safe, keeps what undoing needs, and tells the truth
// where the server refuses.
import type { Problem } from '../../lib/api'
import * as api from '../../lib/moderation'
import type { Desk } from '../desk.svelte'
import { problemFrom, wordsOf } from '../problems'
import type { DeskPost, Tab } from './items'
import type { QueueState } from './queue.svelte'
import { changeBy, doneTo, earlierOf, earlierWords, many, nameOf, undoneWords, type Earlier } from './wording'

/** An act that can be undone. */
export interface Act {
  /** Its entries in the history: one, or for a selection one for each post. */
  entries: readonly number[]
  words: string
  /** The posts that it took out of the list of this tab. */
  keys: readonly string[]
  tab: Tab
}

/** What was said last: what was done, with its undo, or what went wrong. */
export interface Said {
  words: string
  act?: Act
  isProblem?: boolean
}

/** Acts that `u` can undo, one after the other; the history has the older ones. */
const MAX_ACTS = 50

export class Decisions {
  said = $state.raw<Said | null>(null)
  acts = $state.raw<readonly Act[]>([])
  /** The posts about which somebody else was faster. */
  earlier = $state.raw<ReadonlyMap<string, Earlier>>(new Map())
  /** The posts whose decision is on its way. */
  busy = $state.raw<ReadonlySet<string>>(new Set())

  /** The act that is on its way: an undo waits for it. */
  #last: Promise<void> = Promise.resolve()

  constructor(
    private readonly desk: Desk,
    private readonly slug: string,
    private readonly queue: QueueState,
  ) {}

  /** Decide about one post. */
  decide(post: DeskPost, verdict: api.Verdict): Promise<void> {
    return this.#about([post], verdict, doneTo(verdict, [post]), () =>
      api.decide(this.slug, seen(post), verdict),
    )
  }

  mark(post: DeskPost, act: api.Mark): Promise<void> {
    return this.#about([post], act, doneTo(act, [post]), () => api.mark(this.slug, post.key, act))
  }

  pin(post: DeskPost, until: string): Promise<void> {
    return this.#about([post], 'pin', doneTo('pin', [post]), () => api.pin(this.slug, post.key, until))
  }

  /** Decide about several posts. Those about which somebody else was faster come back. */
  async decideAll(posts: readonly DeskPost[], verdict: api.Verdict): Promise<void> {
    const free = posts.filter((post) => !this.busy.has(post.key))
    await this.#guessing(free, verdict, async () => {
      const results: api.Decided[] = []
      try {
        for (let at = 0; at < free.length; at += api.MAX_AT_ONCE) {
          const chunk = free.slice(at, at + api.MAX_AT_ONCE).map(seen)
          results.push(...(await this.desk.ask(() => api.decideAll(this.slug, chunk, verdict))))
        }
        this.#decided(free, verdict, results)
      } catch (error) {
        this.#decided(free, verdict, results)
        this.#complain(problemFrom(error), `${many(free.length - results.length, 'post')} not decided`)
      }
    })
  }

  /** Hide all posts of an author, and those to come. */
  block({ body: { post } }: DeskPost): Promise<void> {
    const { handle } = post.author
    const theirs = [...this.queue.posts.values()].filter((each) => each.body.post.author.handle === handle)
    const posts = theirs.filter((each) => each.body.state !== 'hidden')
    const words = `Blocked ${handle}, and hid ${many(posts.length, 'post')}`
    return this.#about(posts, 'hide', words, () => api.decideAuthor(this.slug, handle, 'hide'))
  }

  trust({ body: { post } }: DeskPost): Promise<void> {
    const words = `Trusted ${nameOf(post)}: later posts need no approval where trusted authors need none`
    return this.#send([], words, () => api.decideAuthor(this.slug, post.author.handle, 'trust'))
  }

  freeze(isFrozen: boolean): Promise<void> {
    if (isFrozen) return this.#send([], 'Released the wall', () => api.release(this.slug))
    return this.#send([], 'Froze the wall: nothing new goes on any screen', () => api.freeze(this.slug))
  }

  /** Throws Problem: the dialog shows it. */
  async clear(since: string): Promise<void> {
    const { entry, posts } = await this.desk.ask(() => api.clear(this.slug, since))
    if (entry === null) return this.#say('Nothing to clear: nothing live has come since then.')
    this.#done([entry], `Cleared ${many(posts, 'post')} off the wall`, [])
  }

  /** Undo the last act; returns it, if there was one. */
  async undo(): Promise<Act | undefined> {
    await this.#last
    const act = this.acts.at(-1)
    if (!act) return void this.#say('There is nothing of yours to undo here.')
    this.acts = this.acts.filter((each) => each !== act)
    this.#say('Undoing …')
    let done: readonly api.UndoneOne[] = []
    try {
      for (let at = 0; at < act.entries.length; at += api.MAX_AT_ONCE) {
        const chunk = act.entries.slice(at, at + api.MAX_AT_ONCE)
        done = [...done, ...(await this.desk.ask(() => api.undoAll(this.slug, chunk)))]
      }
      this.#say(undoneWords(act.words, done, Boolean(this.queue.known.wall?.frozen)))
    } catch (error) {
      this.acts = [...this.acts, { ...act, entries: act.entries.slice(done.length) }]
      this.#complain(problemFrom(error), `Not undone: ${act.words}`)
    }
    const isChanged = done.some(({ changed }) => changed)
    if (isChanged && act.tab === this.queue.filter.tab) this.queue.restore(act.keys)
    return act
  }

  /** Find out who has decided about a post that has left its tab. */
  async lookUp(key: string): Promise<void> {
    if (this.earlier.has(key)) return
    const entry = await this.desk.ask(() => api.newestAbout(this.slug, key)).catch(() => undefined)
    if (!entry || this.earlier.has(key)) return
    const { actor: who, action: what, at: when } = entry
    this.earlier = new Map([...this.earlier, [key, { who, what, when, isConflict: false }]])
  }

  dismiss(): void {
    this.said = null
  }

  async #about(
    posts: readonly DeskPost[],
    act: api.PostAct,
    words: string,
    send: () => Promise<api.Outcome>,
  ): Promise<void> {
    if (posts.some((post) => this.busy.has(post.key))) return
    await this.#guessing(posts, act, () =>
      this.#send(
        posts.map((post) => post.key),
        words,
        send,
      ),
    )
  }

  /** Show what will become of these posts, and take no other decision about them meanwhile. */
  async #guessing(posts: readonly DeskPost[], act: api.PostAct, work: () => Promise<void>): Promise<void> {
    const keys = posts.map((post) => post.key)
    const isFrozen = Boolean(this.queue.known.wall?.frozen)
    this.earlier = new Map([...this.earlier].filter(([key]) => !keys.includes(key)))
    this.busy = new Set([...this.busy, ...keys])
    const guesses = posts.map(({ key, body }) => {
      const change = changeBy(act, body, isFrozen)
      return [key, { version: body.version, change }] as const
    })
    this.queue.guess(new Map(guesses))
    await (this.#last = work())
    this.busy = new Set([...this.busy].filter((key) => !keys.includes(key)))
  }

  async #send(keys: readonly string[], words: string, send: () => Promise<api.Outcome>): Promise<void> {
    try {
      const { entry, changed } = await this.desk.ask(send)
      if (changed && entry !== null) return this.#done([entry], words, keys)
      this.queue.settle(keys)
      this.#say('Nothing changed: it was so already.')
    } catch (error) {
      const problem = problemFrom(error)
      this.queue.settle(keys)
      const earlier = keys.length === 1 ? earlierOf(problem) : undefined
      if (!earlier) return this.#complain(problem)
      this.earlier = new Map([...this.earlier, [keys[0]!, earlier]])
      this.said = { words: earlierWords(earlier, this.queue.zone), isProblem: true }
    }
  }

  #decided(posts: readonly DeskPost[], verdict: api.Verdict, results: readonly api.Decided[]): void {
    const changed = new Set(results.filter((each) => each.changed).map((each) => each.id))
    const others = posts.filter((post) => !changed.has(post.key)).map((post) => post.key)
    if (others.length) this.queue.settle(others)
    const refused = results.filter((each) => each.problem).length
    const rest = refused ? `. ${many(refused, 'post')} stay: others decided first` : ''
    if (!changed.size) return this.#say(`Nothing changed${rest}.`)
    const entries = results.flatMap((each) => each.entry ?? [])
    const those = posts.filter((post) => changed.has(post.key))
    this.#done(entries, doneTo(verdict, those) + rest, [...changed])
  }

  #done(entries: readonly number[], words: string, keys: readonly string[]): void {
    const act = { entries, words, keys, tab: this.queue.filter.tab }
    this.acts = [...this.acts, act].slice(-MAX_ACTS)
    this.said = { words, act }
  }

  #say(words: string): void {
    this.said = { words }
  }

  #complain(problem: Problem, before = ''): void {
    if (problem.code === 'not_signed_in') return
    this.said = { words: [before, wordsOf(problem)].filter(Boolean).join('. '), isProblem: true }
  }
}

const seen = ({ key, body }: DeskPost): api.Seen => ({ id: key, version: body.version })
