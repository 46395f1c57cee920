// The API of a wall's sources. Names are the server's (web/api/desk/); each function throws Problem.
import { request } from './api'

export type Health = 'ended' | 'paused' | 'failing' | 'partly' | 'new' | 'ok'
/** A source's own mode; null is as the wall. */
export type SourceMode = 'open' | 'trusted' | 'approve' | null
export type Options = Record<string, unknown>

/** A source and its health. Credentials never leave the server. */
export interface Source {
  id: number
  network: string
  label: string
  kind: string
  value: string
  server: string
  mode: SourceMode
  options: Options
  has_token: boolean
  health: Health
  trouble: string
  note: string
  broken: number
  unread: string[]
  failures: number
  posts: number
  posted_at: string | null
  polled_at: string | null
  succeeded_at: string | null
  next_poll_at: string
  /** Seconds between two polls. */
  interval: number
  ended_at: string | null
  paused_at: string | null
}

export interface ListedSource extends Source {
  /** Posts in each of the last 24 hours, the latest last. */
  hours: number[]
}

/** A JSON schema of one level, as the server's connectors describe what can be set. */
export interface Schema {
  properties?: Record<string, Property>
}

export interface Property {
  type?: string
  title?: string
  description?: string
  format?: string
  default?: unknown
  maxItems?: number
  anyOf?: Property[]
}

export interface Forms {
  options: Schema
  credentials: Schema
}

/** One network that recognises what was typed; `text`, `on` and `network` say what to send to follow it. */
export interface Choice extends Forms {
  text: string
  on: string
  network: string
  label: string
  kind: string
  kind_label: string
  value: string
  server: string
  /** The source that follows it already. */
  source: number | null
}

export interface Sample {
  at: string | null
  author: string
  handle: string
  words: string
  url: string
}

export interface Preview {
  posts: number
  more: boolean
  last_day: number
  newest: string | null
  newest_posts: Sample[]
  broken: number
  unread: string
  trouble: string
  stops: boolean
  note: string
}

/** What to follow, with all that it needs. */
export interface Wish {
  text: string
  on: string
  network: string
  options: Options
  credentials?: Record<string, string>
  anyway?: boolean
}

export interface Followed {
  source: Source
  change: { made: boolean; resumed: boolean }
}

const of = (slug: string) => `/api/walls/${encodeURIComponent(slug)}/sources`
const one = (slug: string, id: number, act: string) => `${of(slug)}/${id}/${act}`

export const listSources = async (slug: string) =>
  (await request<{ sources: ListedSource[] }>('GET', of(slug))).sources
export const listChoices = async (slug: string, text: string, on: string) => {
  const query = new URLSearchParams({ text, on })
  return (await request<{ choices: Choice[] }>('GET', `${of(slug)}/choices?${query}`)).choices
}
/** What the first poll would bring; nothing is followed. */
export const previewSource = async (slug: string, wish: Wish) =>
  (await request<{ preview: Preview }>('POST', of(slug), { ...wish, dry_run: true })).preview
export const followSource = (slug: string, wish: Wish) => request<Followed>('POST', of(slug), wish)

export const pauseSource = (slug: string, id: number) => request<Source>('POST', one(slug, id, 'pause'))
export const resumeSource = (slug: string, id: number) => request<Source>('POST', one(slug, id, 'resume'))
export const pollSource = (slug: string, id: number) => request<Source>('POST', one(slug, id, 'poll'))
export const setSourceMode = (slug: string, id: number, mode: SourceMode) =>
  request<Source>('PUT', one(slug, id, 'mode'), { mode })
export const formsOf = (slug: string, id: number) => request<Forms>('GET', one(slug, id, 'forms'))
export const changeSource = (slug: string, id: number, changes: Partial<Wish>) =>
  request<Source>('PATCH', `${of(slug)}/${id}`, changes)
/** How many posts removing a source could hide. */
export const countBrought = async (slug: string, id: number) =>
  (await request<{ posts: number }>('GET', one(slug, id, 'brought'))).posts
/** Remove a source; `entry` is the act that has hidden its posts, by which that can be undone. */
export const removeSource = (slug: string, id: number, hide: boolean) =>
  request<{ entry: number | null; posts: number }>('DELETE', `${of(slug)}/${id}${hide ? '?hide=true' : ''}`)
