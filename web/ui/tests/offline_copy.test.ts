import { expect, test } from 'vitest'
import { OfflineCopy, MAX_POSTS, newer } from '../live/offline_copy'
import type { Known } from '../live/records'

class Shelf implements Pick<Storage, 'getItem' | 'setItem'> {
  things = new Map<string, string>()
  getItem(name: string): string | null {
    return this.things.get(name) ?? null
  }
  setItem(name: string, value: string): void {
    this.things.set(name, value)
  }
}
const copy = (shelf: Shelf = new Shelf()) => new OfflineCopy('socitm09', () => shelf as unknown as Storage)
const known = (seq: number, epoch = 'e', count = 1): Known => ({
  epoch,
  seq,
  wall: null,
  posts: Array.from({ length: count }, (_, at) => ({ key: `k${at}`, seq, at: '', body: {} as never })),
  reach: null,
})

test('what was kept is there again, the newest posts only', () => {
  const shelf = new Shelf()
  copy(shelf).keep(known(7, 'e', MAX_POSTS + 5), 1000)
  const reach = { at: '', key: `k${MAX_POSTS - 1}` }
  expect(copy(shelf).kept()).toEqual({ at: 1000, known: { ...known(7, 'e', MAX_POSTS), reach } })
})

test('walls are kept apart', () => {
  const shelf = new Shelf()
  copy(shelf).keep(known(7), 1000)
  expect(new OfflineCopy('another', () => shelf as unknown as Storage).kept()).toBeNull()
})

test('a browser without storage, a full one, and spoilt contents all read as nothing kept', () => {
  const none = new OfflineCopy('x', () => {
    throw new Error('denied')
  })
  none.keep(known(1), 0)
  none.remove('e', [{ key: 'a', seq: 1 }])
  expect([none.kept(), none.removed()]).toEqual([null, []])

  const full = new Shelf()
  full.setItem = () => {
    throw new Error('quota')
  }
  copy(full).keep(known(1), 0)
  expect(copy(full).kept()).toBeNull()

  const spoilt = new Shelf()
  spoilt.setItem('backchannel:socitm09', '{"at":')
  expect(copy(spoilt).kept()).toBeNull()
})

const tombstones = (seq: number, ...keys: string[]) => keys.map((key) => ({ key, seq }))

test('a page that has not yet removed a post does not store it again', () => {
  const shelf = new Shelf()
  copy(shelf).remove('e', tombstones(8, 'k1'))
  copy(shelf).keep(known(7, 'e', 3), 1000)
  expect(
    copy(shelf)
      .kept()
      ?.known.posts.map((post) => post.key),
  ).toEqual(['k0', 'k2'])
})

test('what was taken away stays removed until it is shown again, under a higher number or in another epoch', () => {
  const shelf = new Shelf()
  copy(shelf).remove('e', tombstones(5, 'a', 'b', 'd'))
  copy(shelf).remove('e', tombstones(6, 'b', 'c'))
  copy(shelf).clearTombstones('e', [...tombstones(7, 'a', 'never there'), ...tombstones(6, 'b')])
  copy(shelf).clearTombstones('f', tombstones(1, 'd'))
  expect(copy(shelf).removed()).toEqual(['b', 'c'])
})

test('a copy of the page that is older than a removal loses what was removed', () => {
  const shelf = new Shelf()
  copy(shelf).remove('e', tombstones(9, 'k0'))
  expect(
    copy(shelf)
      .without(known(8, 'e', 2))
      .posts.map(({ key }) => key),
  ).toEqual(['k1'])
  expect(
    copy(shelf)
      .without(known(10, 'e', 2))
      .posts.map(({ key }) => key),
  ).toEqual(['k0', 'k1'])
  expect(
    copy(shelf)
      .without(known(8, 'f', 2))
      .posts.map(({ key }) => key),
  ).toEqual(['k0', 'k1'])
})

const at = (when: number, what: Known) => ({ at: when, known: what })

test('within an epoch the higher number is the newer', () => {
  expect(newer(at(2000, known(5)), at(1000, known(6)))).toEqual(at(1000, known(6)))
  expect(newer(at(1000, known(5)), at(2000, known(4)))).toEqual(at(1000, known(5)))
})

test('a page as new as what was kept wins, so that nothing moves', () => {
  const page = at(1000, known(5))
  expect(newer(page, at(2000, known(5)))).toBe(page)
})

test('across epochs the clock decides', () => {
  expect(newer(at(2000, known(5, 'new')), at(1000, known(99, 'old')))).toEqual(at(2000, known(5, 'new')))
  expect(newer(at(1000, known(5, 'old')), at(2000, known(1, 'new')))).toEqual(at(2000, known(1, 'new')))
})

test('nothing kept, or something of another time, changes nothing', () => {
  expect(newer(at(0, known(5)), null)).toEqual(at(0, known(5)))
  expect(newer(at(0, known(5)), at(9, {} as Known))).toEqual(at(0, known(5)))
})

test('what was taken away leaves the kept copy at once', () => {
  const shelf = new Map<string, string>()
  const store = {
    getItem: (name: string) => shelf.get(name) ?? null,
    setItem: (name: string, text: string) => void shelf.set(name, text),
  }
  const copy = new OfflineCopy('s', () => store as unknown as Storage)
  const post = (key: string) => ({ key, seq: 1, at: '2009', body: {} as never })
  copy.keep({ epoch: 'e', seq: 1, wall: null, reach: null, posts: [post('a'), post('b')] }, 5)
  copy.remove('e', [{ key: 'a', seq: 2 }])
  expect(copy.kept()).toEqual({
    at: 5,
    known: { epoch: 'e', seq: 1, wall: null, reach: null, posts: [post('b')] },
  })
  expect(copy.removed()).toEqual(['a'])
})
