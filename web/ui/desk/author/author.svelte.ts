// The state of an author's page: what is known, the posts as far as one has read, and the acts about the author.
import { readAuthor, type AuthorHere } from '../../lib/authors'
import { decideAuthor, undo, type AuthorAct, type Outcome } from '../../lib/moderation'
import type { Problem } from '../../lib/api'
import type { Desk } from '../desk.svelte'
import { undoneWords } from '../history/wording'
import { problemFrom, wordsOf } from '../problems'

const DONE: Record<AuthorAct, string> = {
  hide: 'Blocked: all posts here are hidden, and those to come.',
  approve: 'Blocked no longer: what the block has hidden is back where it was.',
  trust: 'Trusted: later posts need no approval where trusted authors need none.',
  distrust: 'Trusted no longer. What is live stays live.',
}

export class AuthorState {
  known = $state.raw<AuthorHere | null>(null)
  problem = $state<Problem | null>(null)
  /** The act that is on its way: one of an author's, or the number of the entry that is undone. */
  busy = $state<AuthorAct | 'more' | number | ''>('')

  constructor(
    private readonly desk: Desk,
    private readonly slug: string,
    readonly handle: string,
  ) {}

  /** The author's name, as on the newest post; else the handle. */
  get name(): string {
    return this.known?.posts[0]?.body.post.author.name || this.handle
  }

  refresh = async (): Promise<void> => {
    try {
      this.known = await this.desk.ask(() => readAuthor(this.slug, this.handle))
      this.problem = null
    } catch (error) {
      this.problem = problemFrom(error)
    }
  }

  act(act: AuthorAct): Promise<void> {
    return this.#send(act, async () => {
      await this.desk.ask(() => decideAuthor(this.slug, this.handle, act))
      return DONE[act]
    })
  }

  undo(entry: number): Promise<void> {
    return this.#send(entry, async () => {
      const done: Outcome & { restored: number; left: number } = await this.desk.ask(() =>
        undo(this.slug, entry),
      )
      return done.changed ? undoneWords(done) : 'There was nothing left to undo.'
    })
  }

  /** Load the next older posts. */
  async more(): Promise<void> {
    const last = this.known?.posts.at(-1)
    if (!last || this.busy) return
    this.busy = 'more'
    try {
      const { posts, more } = await this.desk.ask(() => readAuthor(this.slug, this.handle, last))
      if (this.known) this.known = { ...this.known, posts: [...this.known.posts, ...posts], more }
    } catch (error) {
      this.desk.say(wordsOf(problemFrom(error)), true)
    } finally {
      this.busy = ''
    }
  }

  async #send(busy: AuthorAct | number, work: () => Promise<string>): Promise<void> {
    if (this.busy) return
    this.busy = busy
    try {
      const words = await work()
      await this.refresh()
      this.desk.say(words)
    } catch (error) {
      this.desk.say(wordsOf(problemFrom(error)), true)
    } finally {
      this.busy = ''
    }
  }
}
