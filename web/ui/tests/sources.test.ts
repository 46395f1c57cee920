import { expect, test } from 'vitest'
import { credentialsOf, fieldsOf, typedFrom, valuesOf } from '../desk/sources/schema'
import { activityOf, nameOf, placeOf, previewWords, remarksOf, rhythmOf } from '../desk/sources/words'
import type { ListedSource, Preview } from '../lib/sources'

const NOW = Date.parse('2026-06-09T08:00:00Z')
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()

const source = (fields: Partial<ListedSource> = {}) =>
  ({
    kind: 'hashtag',
    value: 'harbour26',
    server: 'https://mastodon.example',
    label: 'Mastodon',
    health: 'ok',
    trouble: '',
    note: '',
    broken: 0,
    unread: [],
    failures: 0,
    interval: 20,
    succeeded_at: at(-20),
    posted_at: at(-300),
    next_poll_at: at(12),
    hours: [...Array<number>(23).fill(0), 3],
    ...fields,
  }) as ListedSource

test('a source is called by what a person would type', () => {
  expect([nameOf(source()), placeOf(source())]).toEqual(['#harbour26', 'Mastodon, mastodon.example'])
  const account = source({ kind: 'account', value: 'ada@mastodon.example' })
  expect([nameOf(account), placeOf(account)]).toEqual(['@ada@mastodon.example', 'Mastodon'])
  expect(nameOf(source({ kind: 'feed', value: 'https://a.example/feed' }))).toBe('https://a.example/feed')
})

test('the health of a source is told in words', () => {
  expect(rhythmOf(source(), NOW)).toEqual([
    'Answered 20 seconds ago',
    'last new post 5 minutes ago',
    'asked every 20 seconds',
    'next in 12 seconds',
  ])
  const failing = source({ health: 'failing', trouble: 'Needs `read`.', failures: 3, succeeded_at: null })
  expect(remarksOf(failing)).toEqual(['Needs read.', 'Failed 3 times in a row.'])
  expect(rhythmOf(failing, NOW)[0]).toBe('Has not answered yet')
  expect(remarksOf(source({ health: 'partly', broken: 1, unread: ['No date.'] }))).toEqual([
    '1 entry of its last page could not be read.',
    'No date.',
  ])
  expect(remarksOf(source())).toEqual([])
  expect(rhythmOf(source({ health: 'ended' }), NOW)).toHaveLength(2)
  expect(activityOf(source())).toBe('3 posts in the last 24 hours, 3 in the last hour.')
  expect(activityOf(source({ hours: [] }))).toBe('No posts in the last 24 hours.')
})

test('a preview says how much a source would bring', () => {
  const seen = {
    posts: 40,
    more: true,
    last_day: 12,
    newest: null,
    broken: 0,
    unread: '',
    note: '',
  } as unknown
  expect(previewWords(seen as Preview)).toBe('At least 40 posts, 12 in the last day.')
  expect(previewWords({ ...(seen as Preview), posts: 0 })).toBe('No posts at the moment. New ones will come.')
})

test('a form is drawn from a schema, and sends what is filled in', () => {
  const fields = fieldsOf({
    properties: {
      any: { type: 'array', title: 'Any of', description: 'More `tags`.' },
      only_media: { type: 'boolean', title: 'Only with media' },
      rate: { anyOf: [{ type: 'number' }, { type: 'null' }] },
      token: { type: 'string', format: 'password', title: 'Access token' },
    },
  })
  expect(fields.map(({ label, kind }) => [label, kind])).toEqual([
    ['Any of', 'list'],
    ['Only with media', 'switch'],
    ['rate', 'number'],
    ['Access token', 'secret'],
  ])
  expect(fields[0]!.hint).toBe('More tags. Put spaces between them.')
  const typed = typedFrom(fields, { any: ['quay', 'pier'], only_media: true, rate: null })
  expect(typed).toEqual({ any: 'quay pier', only_media: true, rate: '', token: '' })
  expect(valuesOf(fields, { ...typed, rate: '2.5' })).toEqual({
    any: ['quay', 'pier'],
    only_media: true,
    rate: 2.5,
  })
  expect(valuesOf(fields, { rate: 'fast' })).toEqual({ rate: 'fast' })
  expect(credentialsOf([fields[3]!], typed)).toBeUndefined()
  expect(credentialsOf([fields[3]!], { token: ' a ' })).toEqual({ token: 'a' })
})
