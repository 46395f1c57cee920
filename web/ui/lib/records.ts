// What a channel's records add up to: the wall and its posts. Pure: it refuses to know the network, the clock and the DOM.
import type { Batch, Body, WallBody, WireRecord } from './types'

export interface Post {
  key: string
  seq: number
  at: string
  body: Body
}

/** `posts` are ordered as the server orders them: newest first by `at`, and those of one moment by `key`. */
export interface Known {
  epoch: string
  seq: number
  wall: WallBody | null
  posts: Post[]
}

export const NOTHING: Known = { epoch: '', seq: -1, wall: null, posts: [] }

/** A channel from its snapshot alone. */
export function start(batch: Batch): Known {
  return merge({ ...NOTHING, epoch: batch.epoch }, batch.records, batch.head)
}

/** `known` after these records, of which `seq` is the highest number that there is. What is older than known is ignored. */
export function merge(known: Known, records: WireRecord[], seq = known.seq): Known {
  const fresh = records.filter((record) => record.seq > known.seq)
  const wall = fresh.findLast((record) => record.kind === 'wall')
  return {
    epoch: known.epoch,
    seq: Math.max(known.seq, seq),
    wall: wall ? (wall.body as WallBody | null) : known.wall,
    posts: mergePosts(known.posts, fresh),
  }
}

/** `known` with a page of older posts, as `records?before=` gives them. It says nothing about what is new. */
export function extend(known: Known, records: WireRecord[]): Known {
  const there = new Set(known.posts.map((post) => post.key))
  return {
    ...known,
    posts: mergePosts(
      known.posts,
      records.filter((record) => !there.has(record.key)),
    ),
  }
}

/** The newest `most` posts, and nothing of the others. */
export function trim(known: Known, most: number): Known {
  return known.posts.length > most ? { ...known, posts: known.posts.slice(0, most) } : known
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
function newestFirst(a: Post, b: Post): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1
  return a.key < b.key ? -1 : Number(a.key > b.key)
}
