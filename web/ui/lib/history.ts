// The API of a wall's history. Names are the server's (web/api/desk/history.py); each function throws Problem.
import { request } from './api'

/** A post in short, as it is now. */
export interface PostInShort {
  name: string
  handle: string
  words: string
}

/** An entry of the history. `before` and `after` are states, or the settings that have changed. */
export interface Entry {
  entry: number
  part_of: number | null
  at: string
  actor: { kind: string; name: string }
  action: string
  subject: { kind: string; id: string; post: PostInShort | null }
  before: unknown
  after: unknown
  reason: string
  undoable: boolean
  undone_by: number | null
  /** The network that it came from; empty for those who may not know. */
  address: string
}

export interface Page {
  entries: Entry[]
  /** The number to ask for older entries with; null at the end. */
  before: number | null
}

export interface Actor {
  kind: string
  name: string
}

const of = (slug: string) => `/api/walls/${encodeURIComponent(slug)}/history`

/** A page of the history, by the server's own query. */
export function readHistory(slug: string, query: URLSearchParams, before: number | null): Promise<Page> {
  const asked = new URLSearchParams(query)
  if (before !== null) asked.set('before', String(before))
  return request<Page>('GET', `${of(slug)}?${asked}`)
}

/** The people who have acted on the wall. */
export const listActors = async (slug: string) =>
  (await request<{ actors: Actor[] }>('GET', `${of(slug)}/actors`)).actors

/** The address of the file with all entries of a query. */
export function exportPath(slug: string, query: URLSearchParams, format: 'csv' | 'json'): string {
  const asked = new URLSearchParams(query)
  asked.set('format', format)
  return `${of(slug)}/export?${asked}`
}
