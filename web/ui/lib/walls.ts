// The API of walls themselves: made, set up and removed. Names are the server's; each function throws Problem.
import type { Logo } from '../live/types'
import { request } from './api'

export type ModerationMode = 'open' | 'trusted' | 'approve'

export interface WallSettings {
  slug: string
  name: string
  /** Without `#`; empty if the wall has none. */
  hashtag: string
  time_zone: string
  mode: ModerationMode
  /** `#rrggbb`, or empty. */
  accent: string
  highlight: string
  logo: Logo | null
  /** An ISO timestamp; null if posts of any age are shown. */
  begins_at: string | null
  listed: boolean
  /** Null is the default: true unless the mode is `open`. */
  recheck_edits: boolean | null
}

/** What can be changed; what is absent stays. `begins` is a local time of the wall, or empty. */
export type SettingsChange = Partial<
  Pick<WallSettings, 'name' | 'hashtag' | 'time_zone' | 'mode' | 'accent' | 'highlight' | 'listed'> & {
    begins: string
    recheck_edits: boolean
  }
>

export interface NewWall {
  slug: string
  name: string
  hashtag: string
  time_zone: string
}

const of = (slug: string) => `/api/walls/${encodeURIComponent(slug)}`

export const makeWall = (wall: NewWall) => request<WallSettings>('POST', '/api/walls', wall)
export const readSettings = (slug: string) => request<WallSettings>('GET', of(slug))
export const changeSettings = (slug: string, change: SettingsChange) =>
  request<WallSettings>('PATCH', of(slug), change)
export const setLogo = (slug: string, file: File) => request<WallSettings>('PUT', `${of(slug)}/logo`, file)
export const removeLogo = (slug: string) => request<WallSettings>('DELETE', `${of(slug)}/logo`)
/** Remove a wall, whose name is sent to be sure. */
export const removeWall = (slug: string, name: string) =>
  request<void>('DELETE', `${of(slug)}?name=${encodeURIComponent(name)}`)
