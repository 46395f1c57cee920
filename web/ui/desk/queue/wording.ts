// Acts and their results in the organiser's words. Pure.
import type { Body, DeskBody, ItemState } from '../../live/types'
import type { Problem } from '../../lib/api'
import type { PostAct, UndoneOne } from '../../lib/moderation'
import { clock } from '../../lib/time'

export const STATE_NAMES: Record<ItemState, string> = { held: 'Held', live: 'Live', hidden: 'Hidden' }

const DONE: Record<PostAct, string> = {
  approve: 'Approved',
  hide: 'Hid',
  pin: 'Pinned',
  unpin: 'Unpinned',
  nugget: 'Marked as a nugget:',
  unmark: 'No longer a nugget:',
  cover: 'Covered the pictures of',
  uncover: 'Uncovered the pictures of',
}

/** `Approved a post by Ada`, `Hid 3 posts`. */
export const doneTo = (act: PostAct, posts: readonly { body: DeskBody }[]) =>
  `${DONE[act]} ${posts.length === 1 ? `a post by ${nameOf(posts[0]!.body.post)}` : many(posts.length, 'post')}`

export const nameOf = ({ author }: Body) => author.name || author.handle

export const many = (count: number, thing: string, things = `${thing}s`) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? thing : things}`

/** What an act makes of a post, before the server confirms it. */
export function changeBy(act: PostAct, { post }: DeskBody, isFrozen: boolean): Partial<DeskBody> {
  switch (act) {
    case 'approve':
      return isFrozen ? {} : { state: 'live', why: '' }
    case 'hide':
      return { state: 'hidden', why: '' }
    case 'nugget':
    case 'unmark':
      return { post: { ...post, nugget: act === 'nugget' } }
    case 'cover':
    case 'uncover':
      return { covered: act === 'cover' }
    case 'unpin':
      return { pinned_until: undefined }
    default:
      return {}
  }
}

/** Who has decided what about a post, and when. */
export interface Earlier {
  who: { kind: string; name: string }
  what: string
  /** Null if nobody knows. */
  when: string | null
  /** Whether one's own decision came second. */
  isConflict: boolean
}

/** What the refusal of a decision that came second tells. */
export function earlierOf({ code, more }: Problem): Earlier | undefined {
  if (code !== 'decided_meanwhile') return undefined
  return { ...(more as Pick<Earlier, 'who' | 'what' | 'when'>), isConflict: true }
}

const ACTIONS: Record<string, string> = {
  hide: 'hid this',
  approve: 'approved this',
  clear: 'cleared this off the wall',
  release: 'released this',
  undo: 'undid a decision about this',
  hold: 'held this again',
  withdraw: 'withdrew this',
  bring_back: 'brought this back',
  edit: 'edited this',
}
const ACTORS: Record<string, string> = {
  author: 'The author',
  rule: 'A rule',
  source: 'The source',
  origin: 'The author’s server',
  cli: 'The command line',
}

/** `Kim hid this at 16:22, before you. Look again, then decide.` */
export function earlierWords({ who, what, when, isConflict }: Earlier, zone: string): string {
  const name = (who.kind === 'person' && who.name) || ACTORS[who.kind] || 'Somebody'
  const did = `${name} ${ACTIONS[what] ?? 'changed this'}${when ? ` at ${clock(Date.parse(when), zone)}` : ''}`
  return isConflict ? `${did}, before you. Look again, then decide.` : `${did}.`
}

/** What an undo has come to; on a frozen wall, why what came back is not on screens. */
export function undoneWords(act: string, done: readonly UndoneOne[], isFrozen: boolean): string {
  if (!done.some(({ changed }) => changed)) {
    const problem = done.find((each) => each.problem && each.problem.code !== 'not_undoable')?.problem
    return problem
      ? `Not undone: ${act}. ${problem.detail}`
      : `Not undone, because it was changed again since: ${act}.`
  }
  const sum = (of: (each: UndoneOne) => number) => done.reduce((total, each) => total + of(each), 0)
  const left = sum((each) => each.left + Number(each.problem !== null))
  const rest = left ? ` ${many(left, 'post')} changed again since, and ${left === 1 ? 'stays' : 'stay'}.` : ''
  const waits = isFrozen && sum(({ restored }) => restored)
  const frozen = waits
    ? ' The wall is frozen: posts that were live wait under Held until you release it.'
    : ''
  return `Undone: ${act}.${rest}${frozen}`
}
