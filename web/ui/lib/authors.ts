// The API of authors on a wall, and of those who are left out. Names are the server's; each function throws Problem.
import type { DeskBody } from '../live/types'
import { request } from './api'
import type { Entry } from './history'
import type { Outcome } from './moderation'

export type Where = 'wall' | 'everywhere'

export interface OptOut {
  id: string
  /** In lower case, without the leading `@`. */
  handle: string
  where: Where
  at: string
}

export interface AuthorPost {
  key: string
  at: string
  body: DeskBody
}

/** What is known of an author on a wall. */
export interface AuthorHere {
  handle: string
  /** Whether a rule hides all that the author posts, and why. */
  hidden: boolean
  hidden_why: string
  trusted: boolean
  opt_outs: OptOut[]
  posts: AuthorPost[]
  more: boolean
  history: Entry[]
}

const of = (slug: string) => `/api/walls/${encodeURIComponent(slug)}`

/** An author with the posts after this one. */
export function readAuthor(slug: string, handle: string, after?: AuthorPost): Promise<AuthorHere> {
  const query = after ? `?before=${encodeURIComponent(after.at)}&key=${encodeURIComponent(after.key)}` : ''
  return request<AuthorHere>('GET', `${of(slug)}/authors/${encodeURIComponent(handle)}${query}`)
}

export const listOptOuts = async (slug: string) =>
  (await request<{ opt_outs: OptOut[] }>('GET', `${of(slug)}/opt-outs`)).opt_outs

/** Erase what an author has posted, and keep away what is to come. It cannot be undone. */
export const optOut = (slug: string, handle: string, where: Where) =>
  request<Outcome & { erased: number; hidden: number }>('POST', `${of(slug)}/opt-outs`, { handle, where })

export const endOptOut = (slug: string, id: string) =>
  request<Outcome>('DELETE', `${of(slug)}/opt-outs/${encodeURIComponent(id)}`)
