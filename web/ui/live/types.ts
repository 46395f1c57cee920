// The protocol's messages, with the field names of docs/protocol.md. Fields with their default are absent.

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
  /** In seconds. */
  duration?: number
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

/** A post. */
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
  /** Marked by an organiser as worth keeping. */
  nugget?: boolean
}

export type ItemState = 'held' | 'live' | 'hidden'

/** The body of a `pin` record: the card of a post that stays first until a moment, however old it is. */
export interface PinBody {
  until: string
  post: Body
}

/** A post on the desk's channel: its card, where it stands and why, and an organiser's marks. */
export interface DeskBody {
  state: ItemState
  why: string
  /** A decision names the version that was seen. */
  version: number
  post: Body
  pinned_until?: string | undefined
  /** Whether an organiser has covered its pictures. */
  covered?: boolean
  note?: string
}

/** The wall itself: the body of the record of kind `wall`. */
export interface WallBody {
  slug: string
  name: string
  hashtag: string
  time_zone: string
  /** `open`: posts are live at once; `trusted`: those of trusted authors; `approve`: an organiser approves each first. */
  mode?: 'open' | 'trusted' | 'approve'
  /** The networks on which the wall follows `hashtag`. */
  networks?: string[]
  /** Networks of which no source works, each with the time since when. */
  silent?: { network: string; since: string }[]
  /** Whether it follows anything. Older records lack it. */
  has_sources?: boolean
  /** On the desk's channel alone: since when the wall is frozen. */
  frozen?: string
  look: { accent?: string; highlight?: string; logo?: Logo; [more: string]: unknown }
}

/** A wall's logo, at `/media/ID/s.webp` and `l.webp`. */
export interface Logo {
  id: string
  /** The mean of its pixels. */
  color: string
  width: number
  height: number
  /** In a preview alone: the picture itself, as a `data:` URL. */
  src?: string
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
  /** The position is too far behind: start again from the snapshot. */
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

/** The boot data in the page, from which it is drawn without a request. */
export interface Boot extends Batch {
  slug: string
  now: string
  /** The reach of the posts, if an offline copy of the page has lost some since. */
  reach?: Position | null
  qr?: { size: number; path: string } | null
  operator?: Operator
  /** Whether the posts are the wall's nuggets alone. */
  nuggets?: boolean
}

/** Links to the operator of this server. */
export interface Operator {
  contact?: string
  imprint?: string
  privacy?: string
}
