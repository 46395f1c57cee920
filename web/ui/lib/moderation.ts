// The API of decisions about a wall's posts and authors. Names are the server's; each function throws Problem.
import type { Batch, Position } from '../live/types'
import { request } from './api'

export const POST_ACTS = ['approve', 'hide', 'pin', 'unpin', 'nugget', 'unmark', 'cover', 'uncover'] as const
export type PostAct = (typeof POST_ACTS)[number]
export type AuthorAct = 'hide' | 'approve' | 'trust' | 'distrust'
export type Verdict = 'approve' | 'hide'
/** A mark that needs nothing more than the post. */
export type Mark = Exclude<PostAct, Verdict | 'pin'>

/** What an act has come to: its entry in the history, by which it can be undone, unless nothing changed. */
export interface Outcome {
  entry: number | null
  changed: boolean
}

/** The outcome for one of several posts; `problem` says why it was not decided. */
export interface Decided extends Outcome {
  id: string
  problem: { code: string } | null
}

/** The outcome of an undo: `restored` posts are back; `left` have changed again since, and stay as they are. */
export interface Undone extends Outcome {
  restored: number
  left: number
}

/** An entry of the history. */
export interface Entry {
  at: string
  actor: { kind: string; name: string }
  action: string
}

/** A post as it was seen. */
export interface Seen {
  id: string
  version: number
}

const of = (slug: string) => `/api/walls/${encodeURIComponent(slug)}`
export const deskOf = (slug: string) => `${of(slug)}/desk`

/** Records in one page at most. */
const PAGE = 200
/** Posts in one request at most. */
export const MAX_AT_ONCE = 100

/** The posts after this one, in the server's order. */
export const olderPosts = (slug: string, { at, key }: Position) =>
  request<Batch>(
    'GET',
    `${deskOf(slug)}/records?before=${encodeURIComponent(at)}&key=${encodeURIComponent(key)}&limit=${PAGE}`,
  )

const at = (slug: string, id: string, act: PostAct) => `${of(slug)}/posts/${encodeURIComponent(id)}/${act}`

/** Approve or hide a post as it was seen. */
export const decide = (slug: string, { id, version }: Seen, verdict: Verdict) =>
  request<Outcome>('POST', at(slug, id, verdict), { version })
/** Set or take away a mark. */
export const mark = (slug: string, id: string, act: Mark) => request<Outcome>('POST', at(slug, id, act), {})
/** Pin a post until a moment, as an ISO timestamp. */
export const pin = (slug: string, id: string, until: string) =>
  request<Outcome>('POST', at(slug, id, 'pin'), { until })
/** Decide about several posts, MAX_AT_ONCE at most. */
export const decideAll = async (slug: string, posts: Seen[], decision: Verdict) =>
  (await request<{ results: Decided[] }>('POST', `${of(slug)}/posts/decide`, { decision, posts })).results
export const decideAuthor = (slug: string, handle: string, act: AuthorAct) =>
  request<Outcome>('POST', `${of(slug)}/authors/${act}`, { handle })

export const freeze = (slug: string) => request<Outcome>('POST', `${of(slug)}/freeze`, {})
export const release = (slug: string) => request<Outcome>('POST', `${of(slug)}/release`, {})
export const countClear = async (slug: string, since: string) =>
  (await request<{ posts: number }>('GET', `${of(slug)}/clear?since=${encodeURIComponent(since)}`)).posts
export const clear = (slug: string, since: string) =>
  request<Outcome & { posts: number }>('POST', `${of(slug)}/clear`, { since })

/** What has become of one of several undos. */
export interface UndoneOne extends Undone {
  undid: number
  problem: { code: string; detail: string } | null
}

/** Undo several acts, MAX_AT_ONCE at most, in this order. */
export const undoAll = async (slug: string, entries: readonly number[]) =>
  (await request<{ results: UndoneOne[] }>('POST', `${of(slug)}/history/undo`, { entries })).results

/** Tell colleagues which post one looks at; empty for none. */
export const lookAt = (slug: string, post: string) =>
  request<void>('PUT', `${deskOf(slug)}/attention`, { post: post || null })

export const undo = (slug: string, entry: number) =>
  request<Undone>('POST', `${of(slug)}/history/${entry}/undo`, {})
/** The newest entry about a post, if there is one. */
export const newestAbout = async (slug: string, id: string) => {
  const path = `${of(slug)}/history?subject=${encodeURIComponent(id)}&limit=1`
  return (await request<{ entries: Entry[] }>('GET', path)).entries[0]
}
