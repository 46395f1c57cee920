// One network's answer to what was typed: a preview of its posts, or the reason why it brings none.
import type { Problem } from '../../lib/api'
import { followSource, previewSource, type Choice, type Followed, type Preview } from '../../lib/sources'
import type { Desk } from '../desk.svelte'
import { problemFrom, wordsOf } from '../problems'
import { bare } from './words'
import { credentialsOf, fieldsOf, typedFrom, valuesOf, type Typed } from './schema'

export class Answer {
  preview = $state.raw<Preview | null>(null)
  /** Why there is no preview. */
  problem = $state<Problem | null>(null)
  isAsking = $state(true)
  isFollowing = $state(false)
  isFollowed = $state(false)
  typed = $state<Typed>({})
  readonly options
  readonly credentials

  constructor(
    private readonly desk: Desk,
    private readonly slug: string,
    readonly choice: Choice,
  ) {
    this.options = fieldsOf(choice.options)
    this.credentials = fieldsOf(choice.credentials)
    this.isFollowed = choice.source !== null
    this.typed = typedFrom([...this.options, ...this.credentials])
  }

  /** The errors of fields, by name. */
  get errors(): Record<string, string> {
    const field = this.problem?.more.field
    return typeof field === 'string' && this.problem ? { [field]: wordsOf(this.problem) } : {}
  }

  /** Why it cannot be followed as it is; empty if it can. */
  get trouble(): string {
    if (this.isFollowed) return ''
    return bare(this.problem ? wordsOf(this.problem) : (this.preview?.trouble ?? ''))
  }

  get canFollow(): boolean {
    return this.preview !== null && !this.preview.stops && !this.isAsking
  }

  async ask(): Promise<void> {
    this.isAsking = true
    this.problem = null
    try {
      this.preview = await this.desk.ask(() => previewSource(this.slug, this.wish()))
    } catch (error) {
      this.preview = null
      this.problem = problemFrom(error)
    }
    this.isAsking = false
  }

  /** Follow it; null if that was refused, and then the reason is shown. */
  async follow(anyway = false): Promise<Followed | null> {
    if (this.isFollowing) return null
    this.isFollowing = true
    try {
      const done = await this.desk.ask(() => followSource(this.slug, { ...this.wish(), anyway }))
      this.isFollowed = true
      this.problem = null
      return done
    } catch (error) {
      this.problem = problemFrom(error)
      return null
    } finally {
      this.isFollowing = false
    }
  }

  private wish() {
    const { text, on, network } = this.choice
    const credentials = credentialsOf(this.credentials, this.typed)
    return {
      text,
      on,
      network,
      options: valuesOf(this.options, this.typed),
      ...(credentials && { credentials }),
    }
  }
}
