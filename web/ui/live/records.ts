// The state of a channel after its records: the wall and its posts. Pure.
import type { Batch, Body, Boot, PinBody, Position, WallBody, WireRecord } from './types'

/** A post as a channel has it: its body is the card, or the desk's with the card inside. */
export interface Post<B = Body> extends Position {
  seq: number
  body: B
}

/** A post that stays first until a moment (UTC). */
export interface Pin extends Post {
  until: string
}

/** Posts in a full page of the server's. */
const PAGE = 60

/** `posts` are ordered as the server orders them: newest first by `at`, and those of one moment by `key`. */
export interface Known<B = Body> {
  epoch: string
  seq: number
  wall: WallBody | null
  posts: Post<B>[]
  /** Newest first, ended ones included. Offline copies of older versions have none. */
  pins?: Pin[] | undefined
  /** The position down to which no post is missing; absent at the channel's end. */
  reach: Position | null
}

export const NOTHING: Known<never> = { epoch: '', seq: -1, wall: null, posts: [], reach: null }

/** The channel from a snapshot, or from a page's boot data. */
export function start<B = Body>(batch: Batch & Pick<Boot, 'reach'>): Known<B> {
  const known = merge<B>({ ...NOTHING, epoch: batch.epoch }, batch.records, batch.head)
  return { ...known, reach: batch.reach === undefined ? reachOf(known.posts) : batch.reach }
}

/** The reach of the newest posts, as the server sent them. */
export function reachOf(newest: Position[]): Position | null {
  return newest.length < PAGE ? null : newest.at(-1)!
}

/**
 * `known` after these records, up to the number `seq`. Older states are ignored, and so are posts below the reach: they
 * come with their neighbours when older posts are requested.
 */
export function merge<B>(known: Known<B>, records: WireRecord[], seq = known.seq): Known<B> {
  const fresh = records.filter((record) => record.seq > known.seq && isWithin(known.reach, record))
  const wall = fresh.findLast((record) => record.kind === 'wall')
  return {
    epoch: known.epoch,
    seq: Math.max(known.seq, seq),
    wall: wall ? (wall.body as WallBody | null) : known.wall,
    posts: mergePosts(known.posts, fresh),
    pins: mergePins(known.pins ?? [], fresh),
    reach: known.reach,
  }
}

/** Whether the record is above the reach. Tombstones and everything but posts always are. */
export const isWithin = (reach: Position | null, record: WireRecord): boolean =>
  !reach || record.kind !== 'post' || record.body === null || newestFirst(record, reach) <= 0

/**
 * `known` with a page of older posts, as `records?before=` returns it, and with later records about them. `end` is the
 * page's last record; it is absent on the last page.
 */
export function extend<B>(known: Known<B>, records: WireRecord[], end: Position | undefined): Known<B> {
  const there = new Set(known.posts.map((post) => post.key))
  const reach = end ? { at: end.at, key: end.key } : null
  return {
    ...known,
    reach,
    posts: mergePosts(
      known.posts,
      records.filter((record) => !there.has(record.key) && isWithin(reach, record)),
    ),
  }
}

/** `known` with only the newest `most` posts. */
export function trim(known: Known, most: number): Known {
  if (known.posts.length <= most) return known
  const posts = known.posts.slice(0, most)
  const { at, key } = posts.at(-1)!
  return { ...known, posts, reach: { at, key } }
}

function mergePosts<B>(posts: Post<B>[], records: WireRecord[]): Post<B>[] {
  const changed = records.filter((record) => record.kind === 'post')
  if (!changed.length) return posts
  const byKey = new Map(posts.map((post) => [post.key, post]))
  for (const { key, seq, at, body } of changed) {
    if (body === null) byKey.delete(key)
    else byKey.set(key, { key, seq, at, body: body as B })
  }
  return [...byKey.values()].sort(newestFirst)
}

/** A removed post loses its pin as well. */
function mergePins(pins: Pin[], records: WireRecord[]): Pin[] {
  const changed = records.filter(({ kind, body }) => kind === 'pin' || (kind === 'post' && body === null))
  if (!changed.length) return pins
  const byKey = new Map(pins.map((pin) => [pin.key, pin]))
  for (const { key, seq, at, body } of changed) {
    const pin = body as PinBody | null
    if (pin) byKey.set(key, { key, seq, at, body: pin.post, until: pin.until })
    else byKey.delete(key)
  }
  return [...byKey.values()].sort(newestFirst)
}

/** The server's order: older posts are requested after the last one. Timestamps have a fixed width. */
export function newestFirst(a: Position, b: Position): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1
  return a.key < b.key ? -1 : Number(a.key > b.key)
}
