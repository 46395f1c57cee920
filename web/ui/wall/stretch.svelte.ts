// The stretch of posts in the document: a limited number around the reader.
import { newestFirst, type Post } from '../live/records'
import type { Position } from '../live/types'

export class Stretch {
  /** Its first post; if absent, the newest. */
  #from = $state.raw<Position | null>(null)

  /** `size` posts are shown, and move by `step`. */
  constructor(
    private readonly size: number,
    private readonly step: number,
  ) {}

  get isMoved(): boolean {
    return this.#from !== null
  }

  of(posts: Post[]): Post[] {
    const from = this.#index(posts)
    return posts.slice(from, from + this.size)
  }

  /** Whether there are posts below the stretch. */
  hasBelow(posts: Post[]): boolean {
    return this.#index(posts) + this.size < posts.length
  }

  down(posts: Post[]): void {
    this.#begin(posts, Math.min(this.#index(posts) + this.step, posts.length - this.size))
  }

  up(posts: Post[]): void {
    this.#begin(posts, this.#index(posts) - this.step)
  }

  /** Move down until this post is in the middle, if it is below the first stretch. */
  scrollTo(posts: Post[], key: string): void {
    const index = posts.findIndex((post) => post.key === key)
    if (index >= this.size) this.#begin(posts, index - Math.floor(this.size / 2))
  }

  reset(): void {
    this.#from = null
  }

  #begin(posts: Post[], index: number): void {
    this.#from = index > 0 ? posts[index]! : null
  }

  /** The index of its first post, which may have been removed since. */
  #index(posts: Post[]): number {
    const from = this.#from
    if (!from) return 0
    const index = posts.findIndex((post) => newestFirst(post, from) >= 0)
    return index < 0 ? Math.max(0, posts.length - this.size) : index
  }
}
