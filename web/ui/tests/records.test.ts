// The reducer keeps the channel's laws, and reads the golden frames that the server's own tests read.
import { describe, expect, test } from 'vitest'
import golden from '../../../tests/fixtures/frames.json'
import { extend, merge, start, trim, type Known } from '../live/records'
import type { Batch, Frame, WireRecord } from '../live/types'

interface Golden {
  about: string
  frames: { text: string }[]
  expect: { seq: number; posts: string[] }
}

const post = (key: string, seq: number, at: string, words: string | null = key): WireRecord => ({
  seq,
  kind: 'post',
  key,
  at: `2009-10-12T${at}:00.000000Z`,
  body:
    words === null ? null : { network: 'x', url: '', created_at: '', author: { name: words, handle: '' } },
})
const batch = (head: number, ...records: WireRecord[]): Batch => ({ epoch: 'e', head, records })
const keys = (known: Known) => known.posts.map((each) => each.key)

describe('golden frames', () => {
  test.each(golden as Golden[])('$about', ({ frames, expect: expected }) => {
    const known = frames
      .map(({ text }) => JSON.parse(text) as Frame)
      .reduce((before, frame) => merge(before, frame.records, frame.to), start(batch(0)))
    expect({ seq: known.seq, posts: keys(known) }).toEqual(expected)
  })
})

test('a snapshot is ordered newest first by `at`, whatever the numbers say', () => {
  expect(
    keys(start(batch(3, post('old', 3, '08:00'), post('new', 1, '10:00'), post('mid', 2, '09:00')))),
  ).toEqual(['new', 'mid', 'old'])
})

test('posts of the same moment stand in the order of their keys, whichever came first', () => {
  expect(keys(start(batch(2, post('b', 1, '09:00'), post('a', 2, '09:00'))))).toEqual(['a', 'b'])
})

test('an edit replaces what was there and keeps its place', () => {
  const known = merge(
    start(batch(2, post('a', 1, '09:00'), post('b', 2, '10:00'))),
    [post('a', 3, '09:00', 'anew')],
    3,
  )
  expect(known.posts.map((each) => each.body.author.name)).toEqual(['b', 'anew'])
})

test('a tombstone takes the post away, and an older record never brings it back', () => {
  const gone = merge(start(batch(2, post('a', 1, '09:00'))), [post('a', 3, '09:00', null)], 3)
  expect(keys(merge(gone, [post('a', 2, '09:00')], 3))).toEqual([])
})

test('the same records again change nothing', () => {
  const records = [post('a', 1, '09:00'), post('b', 2, '10:00')]
  const once = start(batch(2, ...records))
  expect(merge(once, records, 2)).toEqual(once)
})

test('an empty frame moves the place on and leaves the posts as they are', () => {
  const known = start(batch(1, post('a', 1, '09:00')))
  const after = merge(known, [], 7)
  expect(after).toEqual({ ...known, seq: 7 })
  expect(after.posts).toBe(known.posts)
})

test('the wall is its newest record', () => {
  const wall = (seq: number, name: string): WireRecord => ({
    seq,
    kind: 'wall',
    key: 'wall',
    at: '',
    body: { name },
  })
  expect(merge(start(batch(1, wall(1, 'Then'))), [wall(2, 'Now')], 2).wall).toEqual({ name: 'Now' })
})

test('kinds that this page does not know are left alone', () => {
  const known = start(batch(1, post('a', 1, '09:00')))
  expect(merge(known, [{ ...post('p', 2, '09:00'), kind: 'ballot' }], 2)).toEqual({ ...known, seq: 2 })
})

test('a page of older posts is added below, and never overwrites what is known', () => {
  const known = start(batch(5, post('b', 5, '10:00', 'newest words')))
  const page = [post('b', 2, '10:00', 'old words'), post('a', 1, '09:00')]
  const more = extend(known, page, page.at(-1))
  expect(more.posts.map((each) => each.body.author.name)).toEqual(['newest words', 'a'])
  expect(more.seq).toBe(5)
})

test('trimming drops the oldest and nothing else', () => {
  const known = start(batch(3, post('a', 1, '08:00'), post('b', 2, '09:00'), post('c', 3, '10:00')))
  expect(keys(trim(known, 2))).toEqual(['c', 'b'])
  expect(trim(known, 3)).toBe(known)
})
