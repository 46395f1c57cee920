import { expect, test, vi } from 'vitest'
import { Attention, DWELL, lookingWords, RENEWAL } from '../desk/queue/attention.svelte'
import { countsOf, filterFrom, finder, insertKeys, searchOf, type DeskPost } from '../desk/queue/items'
import { commandOf, DEFAULT_KEYS, keyComplaint, keysFrom } from '../desk/queue/keys'
import { openGuesses, withGuesses } from '../desk/queue/overlay'
import { QueueState } from '../desk/queue/queue.svelte'
import { counts, isSideways } from '../desk/queue/swipe'
import { earlierOf, earlierWords, undoneWords } from '../desk/queue/wording'
import { nodesOf } from '../desk/markup/nodes'
import { Problem } from '../lib/api'
import type { DeskBody, ItemState, WireRecord } from '../live/types'

const AT = '2026-06-09T08:00:00.000000Z'
const at = (minute: number) => AT.replace('08:00', `08:${String(minute).padStart(2, '0')}`)

function body(state: ItemState, version = 1, name = 'Ada', html = '<p>Hello</p>'): DeskBody {
  const author = { name, handle: `@${name.toLowerCase()}@quay.example` }
  return { state, why: '', version, post: { network: 'mastodon', url: '', author, created_at: AT, html } }
}
const record = (seq: number, key: string, minute: number, what: DeskBody | null): WireRecord => ({
  seq,
  kind: 'post',
  key,
  at: at(minute),
  body: what,
})
const post = (key: string, what: DeskBody): DeskPost => ({ key, seq: 1, at: AT, body: what })

/** A queue in which a, b and c are held, and d is live. */
function queueOf(search = ''): QueueState {
  const queue = new QueueState(search)
  const held = ['c', 'b', 'a'].map((key, n) => record(n + 1, key, 3 - n, body('held')))
  queue.snapshot({ epoch: 'e', head: 4, records: [...held, record(4, 'd', 9, body('live'))] })
  return queue
}
const keys = (queue: QueueState) => queue.shown.map(({ key }) => key)

test('tabs and words are in the address, and what is not known is the first tab', () => {
  for (const search of ['', '?tab=live', '?q=boat', '?tab=all&q=boat+ada'])
    expect(searchOf(filterFrom(search))).toBe(search)
  expect(filterFrom('?tab=nonsense')).toEqual({ tab: 'held', words: '' })
})

test('each tab shows its posts, newest first, and all are counted', () => {
  const queue = queueOf()
  expect(keys(queue)).toEqual(['c', 'b', 'a'])
  expect(queue.counts).toEqual({ held: 3, live: 1, hidden: 0, all: 4 })
  queue.show({ tab: 'all', words: '' })
  expect(keys(queue)).toEqual(['d', 'c', 'b', 'a'])
  expect(countsOf([])).toEqual({ held: 0, live: 0, hidden: 0, all: 0 })
})

test('an arrival waits above the list until it is asked for', () => {
  const queue = queueOf()
  queue.records([record(5, 'e', 20, body('held'))], 5)
  expect([keys(queue), queue.arrived.map(({ key }) => key)]).toEqual([['c', 'b', 'a'], ['e']])
  queue.refresh()
  expect([keys(queue), queue.arrived]).toEqual([['e', 'c', 'b', 'a'], []])
})

test('an arrival is shown at once where the list is empty', () => {
  const queue = queueOf('?tab=hidden')
  queue.records([record(5, 'e', 20, body('hidden'))], 5)
  expect(keys(queue)).toEqual(['e'])
})

test('a post that a colleague decides about stays where it is, as not in this tab any more', () => {
  const queue = queueOf()
  queue.records([record(5, 'b', 2, body('live', 2))], 5)
  expect(queue.shown.map((each) => [each.key, queue.isHere(each)])).toEqual([
    ['c', true],
    ['b', false],
    ['a', true],
  ])
  queue.selectAll()
  expect([...queue.selected]).toEqual(['c', 'a'])
  queue.refresh()
  expect(keys(queue)).toEqual(['c', 'a'])
})

test('an erased post leaves the list at once', () => {
  const queue = queueOf()
  queue.records([record(5, 'b', 2, null)], 5)
  expect(keys(queue)).toEqual(['c', 'a'])
})

test('a decided post leaves at once, the next one becomes the current, and a refusal puts it back', () => {
  const queue = queueOf()
  queue.current = 'b'
  queue.guess(new Map([['b', { version: 1, change: { state: 'live' } }]]))
  expect([keys(queue), queue.current, queue.counts.live]).toEqual([['c', 'a'], 'a', 2])
  queue.settle(['b'])
  expect([keys(queue), queue.counts.live]).toEqual([['c', 'b', 'a'], 1])
})

test('a newer version of a post is the truth, whatever was guessed', () => {
  const overlay = new Map([['a', { version: 1, change: { state: 'live' as const } }]])
  const stateOf = (version: number) =>
    withGuesses([post('a', body('held', version))], overlay).get('a')!.body.state
  expect([stateOf(1), stateOf(2)]).toEqual(['live', 'held'])
  expect(openGuesses(overlay, [post('a', body('held', 2))])).toEqual(new Map())
})

test('a range is selected from either end', () => {
  const queue = queueOf()
  queue.selectRange('a', 'c')
  expect(queue.chosen.map(({ key }) => key)).toEqual(['c', 'b', 'a'])
  queue.toggle('b')
  expect(queue.chosen.map(({ key }) => key)).toEqual(['c', 'a'])
})

test('older posts come below, and none is missed that changes while they are on their way', async () => {
  const queue = new QueueState('')
  const newest = Array.from({ length: 60 }, (_, n) => record(n + 1, `n${99 - n}`, 59, body('held')))
  queue.snapshot({ epoch: 'e', head: 60, records: newest })
  await queue.loadOlder(async () => {
    queue.records([record(61, 'old2', 1, body('live', 2)), record(62, 'old3', 1, null)], 62)
    const page = ['old1', 'old2', 'old3'].map((key, n) => record(50 + n, key, 1, body('held')))
    return { epoch: 'e', head: 60, records: page }
  })
  expect(keys(queue).slice(60)).toEqual(['old1'])
  expect(queue.counts).toEqual({ held: 61, live: 1, hidden: 0, all: 62 })
})

test('words are searched without capitals, accents, elements and entities', () => {
  const found = post('a', body('held', 1, 'Zoë', '<p>Fish &amp; <b>Chips</b></p>'))
  const finds = (words: string) => finder(words)(found)
  expect(['zoe', 'fish & chips', '@zo', ''].map(finds)).toEqual([true, true, true, true])
  expect(['amp;', 'zoe boat', '<b>'].map(finds)).toEqual([false, false, false])
})

test('a key is inserted at its place', () => {
  const posts = new Map(['a', 'b', 'c'].map((key) => [key, post(key, body('held'))]))
  expect(insertKeys(['a', 'c'], ['b', 'gone'], posts)).toEqual(['a', 'b', 'c'])
})

test('five thousand posts are merged, counted and searched within a moment', () => {
  const queue = new QueueState('')
  const records = Array.from({ length: 5000 }, (_, n) => record(n + 1, `k${n}`, n % 60, body('held')))
  queue.snapshot({ epoch: 'e', head: 5000, records })
  queue.selectAll()
  expect([queue.shown.length, queue.chosen.length, queue.counts.held]).toEqual([5000, 5000, 5000])
})

test.each([
  [{ key: 'a' }, 'approve'],
  [{ key: '?' }, 'help'],
  [{ key: 'a', ctrlKey: true }, undefined],
  [{ key: 'a', repeat: true }, undefined],
  [{ key: 'j', repeat: true }, 'next'],
  [{ key: 'constructor' }, undefined],
])('the pressed key %o is the command %s', (pressed, command) => {
  const none = { ctrlKey: false, metaKey: false, altKey: false, repeat: false }
  expect(commandOf({ ...none, ...pressed })).toBe(command)
})

test('who was faster is said with name and time', () => {
  const more = {
    who: { kind: 'person', name: 'kim' },
    what: 'hide',
    when: '2026-06-09T08:05:00Z',
    version: 7,
  }
  const earlier = earlierOf(new Problem('decided_meanwhile', '', 0, more))!
  expect(earlierWords(earlier, 'UTC')).toBe('kim hid this at 08:05, before you. Look again, then decide.')
  const rule = { who: { kind: 'rule', name: '' }, what: 'hold', when: null, isConflict: false }
  expect(earlierWords(rule, 'UTC')).toBe('A rule held this again.')
  expect(earlierOf(new Problem('unreachable'))).toBeUndefined()
})

test('the words of a post become elements of the list alone', () => {
  expect(nodesOf('<p>1 &lt; 2<br>and <a href="https://a.example" rel="ugc">it</a></p>')).toEqual([
    {
      tag: 'p',
      attributes: {},
      children: [
        '1 < 2',
        { tag: 'br', attributes: {}, children: [] },
        'and ',
        { tag: 'a', attributes: { href: 'https://a.example', rel: 'ugc' }, children: ['it'] },
      ],
    },
  ])
  expect(nodesOf('<a href="javascript:alert(1)" onclick="x">a</a><script>b</script></b>')).toEqual([
    { tag: 'a', attributes: {}, children: ['a'] },
    'b',
  ])
})

test('a key can be chosen anew unless it stands for something, and what was stored badly is forgotten', () => {
  const keys = keysFrom(JSON.stringify({ approve: 'y', hide: 'too long', nonsense: 'z' }))
  expect([keys.approve, keys.hide]).toEqual(['y', 'h'])
  const pressed = { key: 'y', ctrlKey: false, metaKey: false, altKey: false, repeat: false }
  expect([commandOf(pressed, keys), commandOf(pressed)]).toEqual(['approve', undefined])
  expect(keysFrom(JSON.stringify({ approve: 'h' }))).toBe(DEFAULT_KEYS)
  expect(keysFrom('{')).toEqual(DEFAULT_KEYS)
  expect(['y', 'h', 'a', ' ', 'ab'].map((key) => keyComplaint(key, 'approve', DEFAULT_KEYS) === '')).toEqual([
    true,
    false,
    true,
    false,
    false,
  ])
})

test('a swipe goes to the side, and counts past a third of the post', () => {
  expect([isSideways(20, 5), isSideways(-20, 18), isSideways(10, 0)]).toEqual([true, false, false])
  expect([counts(-90, 270), counts(80, 270), counts(140, 2000)]).toEqual([true, false, true])
})

test('colleagues’ marks end by themselves, and one’s own is told after a moment', () => {
  vi.useFakeTimers()
  const told: string[] = []
  const attention = new Attention('kim', (key) => Promise.resolve(told.push(key)))
  const mark = (key: string, login: string, name: string): WireRecord => ({
    ...record(1, key, 0, null),
    kind: 'attention',
    body: { login, name, post: 'a', until: at(1) },
  })
  attention.take([mark('1', 'kim', 'Kim'), mark('2', 'ada', 'Ada'), mark('3', 'ben', 'Ben')], true)
  const now = Date.parse(AT)
  expect(lookingWords(attention.at('a', now))).toBe('Ada and Ben are looking at this')
  attention.take([{ ...mark('3', 'ben', 'Ben'), body: null }])
  expect(lookingWords(attention.at('a', now))).toBe('Ada is looking at this')
  expect([attention.at('b', now), attention.at('a', now + 60_000)]).toEqual([[], []])

  for (const key of ['a', 'b', 'c']) attention.look(key)
  vi.advanceTimersByTime(DWELL)
  expect(told).toEqual(['c'])
  vi.advanceTimersByTime(RENEWAL)
  expect(told).toEqual(['c', 'c'])
  attention.end()
  vi.advanceTimersByTime(RENEWAL)
  expect(told).toEqual(['c', 'c', ''])
  vi.useRealTimers()
})

test('an undo says what came back, what stayed, and why nothing is on screens', () => {
  const one = { undid: 1, entry: 2, changed: true, restored: 3, left: 0, problem: null }
  expect(undoneWords('Cleared 3 posts off the wall', [one], true)).toBe(
    'Undone: Cleared 3 posts off the wall. The wall is frozen: posts that were live wait under Held until you release it.',
  )
  const not = { ...one, changed: false, restored: 0, problem: { code: 'not_undoable', detail: 'No.' } }
  expect(undoneWords('Hid 2 posts', [one, not], false)).toBe(
    'Undone: Hid 2 posts. 1 post changed again since, and stays.',
  )
  expect(undoneWords('Hid a post', [not], false)).toBe(
    'Not undone, because it was changed again since: Hid a post.',
  )
})
