// What keys and buttons of the queue do, and where the focus goes afterwards.
import { tick } from 'svelte'
import type { OwnWall } from '../../lib/accounts'
import { isTyped } from '../../lib/letter_keys'
import type { Desk } from '../desk.svelte'
import { Decisions } from './decisions.svelte'
import type { PostCommand } from './acts'
import type { DeskPost } from './items'
import { commandOf, type Command } from './keys'
import type { QueueState } from './queue.svelte'
import { View } from './view.svelte'

export interface Parts {
  list: { focusCurrent(): void; focusStart(): void } | undefined
  search: { focus(): void } | undefined
}

export class Commands {
  readonly decisions: Decisions
  readonly canDecide: boolean
  /** The dialog that is open. */
  open = $state<'help' | 'view' | 'clear' | ''>('')
  /** The post for which the end of a pin is asked. */
  pinning = $state.raw<DeskPost | null>(null)
  readonly view = new View()
  readonly slug: string
  #parts: Parts = { list: undefined, search: undefined }
  /** Where the next range of a selection begins. */
  #from = ''

  constructor(
    desk: Desk,
    wall: OwnWall,
    readonly queue: QueueState,
  ) {
    this.slug = wall.slug
    this.decisions = new Decisions(desk, wall.slug, queue)
    this.canDecide = wall.permissions.includes('moderate')
  }

  attach(parts: Parts): void {
    this.#parts = parts
  }

  press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return
    if (event.key === 'Escape' && this.queue.selected.size) return this.queue.selectNone()
    const target = event.target as HTMLElement
    if (!this.view.hasKeys || (isTyped(target) && !target.matches('[type="checkbox"]'))) return
    const command = commandOf(event, this.view.keys)
    if (!command) return
    event.preventDefault()
    this.run(command)
  }

  run(command: Command): void {
    const { queue } = this
    switch (command) {
      case 'next':
        return this.#step(1)
      case 'previous':
        return this.#step(-1)
      case 'search':
        return this.#parts.search?.focus()
      case 'arrived':
        return this.showArrived()
      case 'help':
        return void (this.open = 'help')
    }
    if (!this.canDecide) return
    if (command === 'undo') void this.undo()
    else if (command === 'freeze') void this.decisions.freeze(Boolean(queue.known.wall?.frozen))
    else if (command === 'clear') this.open = 'clear'
    else if ((command === 'approve' || command === 'hide') && queue.chosen.length) this.decideChosen(command)
    else {
      const post = queue.posts.get(queue.current)
      if (!post) this.#step(1)
      else if (command === 'select') this.select(post, false)
      else this.act(command, post)
    }
  }

  /** Act on one post; then the focus goes to the post that follows it, if it has left the list. */
  act(act: PostCommand, post: DeskPost): void {
    const { decisions, queue } = this
    const { state, pinned_until, covered, post: card } = post.body
    queue.current = post.key
    if (act === 'approve' && state !== 'live') void decisions.decide(post, 'approve')
    else if (act === 'hide' && state !== 'hidden') void decisions.decide(post, 'hide')
    else if (act === 'block') void decisions.block(post)
    else if (act === 'trust') void decisions.trust(post)
    else if (act === 'nugget') void decisions.mark(post, card.nugget ? 'unmark' : 'nugget')
    else if (act === 'cover') void decisions.mark(post, covered ? 'uncover' : 'cover')
    else if (act === 'pin' && pinned_until) void decisions.mark(post, 'unpin')
    else if (act === 'pin') return void (this.pinning = post)
    this.focusNext()
  }

  decideChosen(verdict: 'approve' | 'hide'): void {
    void this.decisions.decideAll(this.queue.chosen, verdict)
    this.queue.selectNone()
    this.focusNext()
  }

  async undo(): Promise<void> {
    const act = await this.decisions.undo()
    const back = act?.keys.find((key) => this.queue.order.includes(key))
    if (!back) return
    this.queue.current = back
    this.focusNext()
  }

  /** Select a post, or with Shift all from the one selected before it. */
  select(post: DeskPost, isRange: boolean): void {
    if (isRange && this.#from) this.queue.selectRange(this.#from, post.key)
    else this.queue.toggle(post.key)
    this.#from = post.key
  }

  showArrived(): void {
    if (!this.queue.arrived.length) return
    this.queue.refresh()
    this.queue.current = this.queue.order[0] ?? ''
    void tick().then(() => {
      scrollTo(0, 0)
      this.#parts.list?.focusCurrent()
    })
  }

  focusNext(): void {
    void tick().then(() => this.#parts.list?.focusCurrent())
  }

  #step(by: 1 | -1): void {
    const { order, current } = this.queue
    const at = order.indexOf(current)
    const next = order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + by))]
    if (!next) return
    this.queue.current = next
    this.focusNext()
  }
}
