// What a channel's records add up to: the wall and its posts. Pure: it refuses to know the network, the clock and the DOM.
import type { Batch, Body, Boot, Position, WallBody, WireRecord } from './types'

export interface Post extends Position {
  seq: number
  body: Body
}

/** Posts in a page of the server's, unless there are no more. */
const PAGE = 60

/** `posts` are ordered as the server orders them: newest first by `at`, and those of one moment by `key`. */
export interface Known {
  epoch: string
  seq: number
  wall: WallBody | null
  posts: Post[]
  /** The place down to which no post is missing; none if that is the channel's end. */
  reach: Position | null
}

export const NOTHING: Known = { epoch: '', seq: -1, wall: null, posts: [], reach: null }

/** A channel from its snapshot alone, or from what a page came with. */
export function start(batch: Batch & Pick<Boot, 'reach'>): Known {
  const known = merge({ ...NOTHING, epoch: batch.epoch }, batch.records, batch.head)
  return { ...known, reach: batch.reach === undefined ? reachOf(known.posts) : batch.reach }
}

/** How far down the newest posts go, as the server gave them. */
export function reachOf(newest: Position[]): Position | null {
  return newest.length < PAGE ? null : newest.at(-1)!
}

/**
 * `known` after these records, of which `seq` is the highest number that there is. What is older than known is ignored,
 * and a post from below the reach too: it comes with its neighbours, once older posts are asked for.
 */
export function merge(known: Known, records: WireRecord[], seq = known.seq): Known {
  const fresh = records.filter((record) => record.seq > known.seq && isWithin(known.reach, record))
  const wall = fresh.findLast((record) => record.kind === 'wall')
  return {
    epoch: known.epoch,
    seq: Math.max(known.seq, seq),
    wall: wall ? (wall.body as WallBody | null) : known.wall,
    posts: mergePosts(known.posts, fresh),
    reach: known.reach,
  }
}

/** Whether the record belongs to what is known without a gap. What is no post always does, and every tombstone. */
export const isWithin = (reach: Position | null, record: WireRecord): boolean =>
  !reach || record.kind !== 'post' || record.body === null || newestFirst(record, reach) <= 0

/**
 * `known` with these posts of a page of older ones, as `records?before=` gives it, and with what was told of them since.
 * It says nothing about what is new. `end` is the page's last record; without one it was the last page.
 */
export function extend(known: Known, records: WireRecord[], end: Position | undefined): Known {
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

/** The newest `most` posts, and nothing of the others. */
export function trim(known: Known, most: number): Known {
  if (known.posts.length <= most) return known
  const posts = known.posts.slice(0, most)
  const { at, key } = posts.at(-1)!
  return { ...known, posts, reach: { at, key } }
}

function mergePosts(posts: Post[], records: WireRecord[]): Post[] {
  const told = records.filter((record) => record.kind === 'post')
  if (!told.length) return posts
  const byKey = new Map(posts.map((post) => [post.key, post]))
  for (const { key, seq, at, body } of told) {
    if (body === null) byKey.delete(key)
    else byKey.set(key, { key, seq, at, body: body as Body })
  }
  return [...byKey.values()].sort(newestFirst)
}

/** The server's own order: the last post is the place from which older ones are asked for. Moments are of one width. */
export function newestFirst(a: Position, b: Position): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1
  return a.key < b.key ? -1 : Number(a.key > b.key)
}
