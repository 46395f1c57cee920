// The wire: what the server sends, with the field names of docs/protocol.md. Fields that have their default are absent.

export interface Picture {
  id?: string
  color?: string
  width?: number
  height?: number
}

export interface Author {
  name: string
  handle: string
  url?: string
  avatar?: Picture
  bot?: boolean
}

export interface Medium {
  kind: 'image' | 'video' | 'gif' | 'audio'
  url: string
  alt?: string
  picture?: Picture
  focus?: [number, number]
}

export interface Ballot {
  choices: { title: string; votes?: number | null }[]
  votes?: number
  voters?: number | null
  multiple?: boolean
  closes_at?: string | null
  closed?: boolean
}

export interface Link {
  url: string
  title: string
  site?: string
  description?: string
  picture?: Picture
}

export interface Quoted {
  url: string
  author: Author
  html: string
}

export type Emojis = Record<string, Picture>

/** One post. */
export interface Body {
  network: string
  url: string
  author: Author
  created_at: string
  edited_at?: string | null
  boosted_by?: Author | null
  title?: string
  html?: string
  lang?: string
  warning?: string
  sensitive?: boolean
  media?: Medium[]
  poll?: Ballot | null
  card?: Link | null
  quote?: Quoted | null
  emojis?: Emojis
  tags?: string[]
  reply_to?: string
}

/** The wall itself: the body of the record of kind `wall`. */
export interface WallBody {
  slug: string
  name: string
  hashtag: string
  time_zone: string
  /** `open`: posts are live at once; `approve`: an organiser looks at each first. */
  mode?: 'open' | 'approve'
  /** The networks on which the wall follows `hashtag`. */
  networks?: string[]
  /** Networks of which no source brings anything, each with the moment from which on nothing has come. */
  silent?: { network: string; since: string }[]
  look: { accent?: string; highlight?: string; [more: string]: unknown }
}

export interface WireRecord {
  seq: number
  kind: string
  key: string
  at: string
  body: unknown
}

/** The reply of `GET …/records`. */
export interface Batch {
  epoch: string
  head: number
  records: WireRecord[]
  /** The place that was asked about is too far behind: begin again from the newest. */
  reset?: boolean
}

export interface Frame {
  epoch: string
  from: number
  to: number
  records: WireRecord[]
}

export interface Reset {
  reset: true
  epoch: string
  head: number
}

/** A post's place in the server's order. */
export interface Position {
  at: string
  key: string
}

/** What the page itself carries, so that it can be drawn without any request. */
export interface Boot extends Batch {
  slug: string
  now: string
  /** How far down the posts go without a gap, where a kept copy of the page has lost some of them since. */
  reach?: Position | null
  qr?: { size: number; path: string } | null
  /** Who runs this server: addresses to link to. */
  operator?: { contact?: string; imprint?: string; privacy?: string }
}
