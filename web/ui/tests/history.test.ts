import { expect, test } from 'vitest'
import { filterFrom, queryOf, searchOf } from '../desk/history/filter'
import { changesOf, didOf, undoneWords, whoOf } from '../desk/history/wording'
import type { Entry } from '../lib/history'

const entry = (given: Partial<Entry>): Entry => ({
  entry: 7,
  part_of: null,
  at: '2026-06-09T08:00:00Z',
  actor: { kind: 'person', name: 'kim' },
  action: 'hide',
  subject: { kind: 'post', id: 'begyuvzruinpdg75', post: null },
  before: 'live',
  after: 'hidden',
  reason: '',
  undoable: true,
  undone_by: null,
  address: '',
  ...given,
})

test('the filter is in the address, and what is not known is left out', () => {
  const search = '?who=kim&what=trust&about=%40ada%40quay.example&from=2026-06-09&to=2026-06-10'
  expect(searchOf(filterFrom(search))).toBe(search)
  expect(searchOf(filterFrom('?what=nonsense&from=yesterday&to=2026-99'))).toBe('')
  const query = queryOf(filterFrom(search))
  expect([query.get('actor'), query.getAll('action'), query.get('subject')]).toEqual([
    'kim',
    ['trust', 'distrust'],
    'ada@quay.example',
  ])
  const [since, until] = ['since', 'until'].map((name) => Date.parse(query.get(name)!))
  expect(until! - since!).toBe(2 * 24 * 60 * 60 * 1000)
  expect([...queryOf(filterFrom('?who=~rule'))]).toEqual([['actor_kind', 'rule']])
})

test('an entry says who did what', () => {
  const post = { name: 'Ada', handle: '@ada@quay.example', words: 'Hello' }
  const author = { kind: 'author', id: 'ada@quay.example', post: null }
  const wall = { kind: 'wall', id: 'hall', post: null }
  const source = { kind: 'source', id: '3', post: null }
  expect([
    didOf(entry({ subject: { kind: 'post', id: 'x', post } })),
    didOf(entry({ action: 'withdraw' })),
    didOf(entry({ subject: author })),
    didOf(entry({ subject: author, action: 'approve' })),
    didOf(entry({ subject: wall, action: 'freeze' })),
    didOf(entry({ subject: source, action: 'follow', after: 'mastodon hashtag #harbour26', before: '' })),
  ]).toEqual([
    'hid a post by Ada',
    'withdrew a post that is gone',
    'blocked @ada@quay.example',
    'no longer blocks @ada@quay.example',
    'froze the wall',
    'followed the source mastodon hashtag #harbour26',
  ])
  expect([whoOf({ kind: 'cli', name: 'ops' }), whoOf({ kind: 'rule', name: '' })]).toEqual([
    'ops, at the command line',
    'A rule',
  ])
})

test('a change is told in words, setting by setting', () => {
  expect(changesOf(entry({}))).toEqual([{ of: '', before: 'Live', after: 'Hidden' }])
  const wall = { kind: 'wall', id: 'hall', post: null }
  const settings = {
    before: { name: 'Hall', mode: 'open' },
    after: { name: 'Lobby', mode: 'open', beginning: null },
  }
  expect(changesOf(entry({ subject: wall, action: 'change', ...settings }))).toEqual([
    { of: 'Name', before: 'Hall', after: 'Lobby' },
  ])
  expect(changesOf(entry({ before: '', after: 'trusted', action: 'trust' }))).toEqual([
    { of: '', before: 'As usual', after: 'Trusted' },
  ])
  expect(undoneWords({ restored: 1, left: 2 })).toBe(
    'Undone. 1 post is back. 2 posts changed since, or may not come back: left as they are.',
  )
})
