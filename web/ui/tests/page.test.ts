// What the page shows, without any browser.
import { expect, test } from 'vitest'
import type { Batch, Boot, WireRecord } from '../live/types'
import { WallPage } from '../wall/page.svelte'

const NOW = '2009-10-12T12:00:00.000000Z'
const post = (seq: number, body: object | null = {}): WireRecord => ({
  seq,
  kind: 'post',
  key: `k${seq}`,
  at: `2009-10-12T10:${String(seq).padStart(6, '0')}`,
  body,
})
const posts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => post(from + at))
const batch = (head: number, records: WireRecord[]): Batch => ({ epoch: 'e', head, records })
const boot = (head: number, records: WireRecord[]): Boot => ({ slug: 's', now: NOW, ...batch(head, records) })
const shown = (page: WallPage) => page.shown.map((each) => each.key)

test('a new post is shown at once', () => {
  const page = new WallPage(boot(1, [post(1)]))
  page.records([post(2)], 2)
  expect(shown(page)).toEqual(['k2', 'k1'])
})

test('while a visitor reads, new posts wait, edits and removals do not', () => {
  const page = new WallPage(boot(2, [post(1), post(2)]))
  page.isHolding = true
  page.records([post(3), { ...post(2, null), seq: 4 }, { ...post(1, { html: 'anew' }), seq: 5 }], 5)
  expect([shown(page), page.waiting]).toEqual([['k1'], 1])
  expect(page.shown[0]!.body).toEqual({ html: 'anew' })
  page.release()
  expect([shown(page), page.waiting, page.isHolding]).toEqual([['k3', 'k1'], 0, false])
})

test('a reader who paused lets in what waits, and goes on pausing until asked otherwise', () => {
  const page = new WallPage(boot(1, [post(1)]))
  page.pause(true)
  page.records([post(2)], 2)
  page.release()
  page.records([post(3)], 3)
  expect([shown(page), page.waiting]).toEqual([['k2', 'k1'], 1])
  page.pause(false)
  expect([shown(page), page.waiting]).toEqual([['k3', 'k2', 'k1'], 0])
})

test('what waits and is taken away meanwhile is not counted', () => {
  const page = new WallPage(boot(1, [post(1)]))
  page.isHolding = true
  page.records([post(2)], 2)
  page.records([{ ...post(2, null), seq: 3 }], 3)
  expect(page.waiting).toBe(0)
})

test('however many arrive, a phone carries 300 cards and a screen 60', () => {
  const page = new WallPage(boot(60, posts(1, 60)))
  page.records(posts(61, 900), 900)
  expect([page.shown.length, page.shown[0]!.key]).toEqual([300, 'k900'])
  page.mode = 'hall'
  expect(page.shown.length).toBe(60)
})

test('older posts go on without an end: those above make room, and come back', async () => {
  const page = new WallPage(boot(1000, posts(941, 1000)))
  let oldest = 940
  const before = async () => batch(1000, posts(oldest - 59, (oldest -= 60) + 60).reverse())
  for (let turn = 0; turn < 10; turn++) await page.readOlder(before)
  expect([page.shown.length, shown(page)[0], shown(page).at(-1), page.older]).toEqual([
    300,
    'k640',
    'k341',
    'more',
  ])
  page.readNewer()
  expect([shown(page)[0], page.stretch.isMoved]).toEqual(['k700', true])
  page.records([post(1001)], 1001)
  expect(shown(page)[0]).toBe('k700')
  await page.readOlder(() => Promise.reject(new Error('nothing has to be asked for what is known')))
  expect(shown(page)[0]).toBe('k640')
  page.release()
  expect([shown(page)[0], page.stretch.isMoved]).toEqual(['k1001', false])
})

test('a stretch whose first post is taken away begins with the next', async () => {
  const page = new WallPage(boot(400, posts(1, 400)))
  await page.readOlder(async () => batch(400, []))
  expect(shown(page)[0]).toBe('k340')
  page.records([{ ...post(340, null), seq: 401 }], 401)
  expect(shown(page)[0]).toBe('k339')
})

test('a wall that fits into the page has no older posts', () => {
  expect(new WallPage(boot(2, posts(1, 2))).older).toBe('end')
  expect(new WallPage(boot(60, posts(1, 60))).older).toBe('more')
})

test('older posts are added below, until there are none', async () => {
  const page = new WallPage(boot(100, posts(41, 100)))
  const asked: string[] = []
  await page.readOlder(async (last) => (asked.push(last.key), batch(100, posts(1, 40).reverse())))
  expect([shown(page).length, page.older, asked]).toEqual([100, 'more', ['k41']])
  await page.readOlder(async () => batch(100, []))
  expect(page.older).toBe('end')
})

test('an old post that is told anew skips nothing: it comes with its neighbours', async () => {
  const page = new WallPage(boot(200, posts(141, 200)))
  page.records([{ ...post(5, { html: 'edited' }), seq: 201 }], 201)
  const asked: string[] = []
  await page.readOlder(async (last) => (asked.push(last.key), batch(201, posts(81, 140).reverse())))
  expect([asked, page.shown.length, page.shown.at(-1)!.key]).toEqual([['k141'], 120, 'k81'])
})

test('what is told of an old post while older posts are on their way is not overwritten by them', async () => {
  const page = new WallPage(boot(100, posts(41, 100)))
  await page.readOlder(async () => {
    page.records([{ ...post(20, { html: 'edited' }), seq: 101 }], 101)
    return batch(100, posts(11, 40).reverse())
  })
  const bodies = new Map(page.known.posts.map((each) => [each.key, each.body as object]))
  expect([page.shown.length, bodies.get('k20'), bodies.get('k21')]).toEqual([90, { html: 'edited' }, {}])
})

test('a kept wall that has lost posts since is not at its beginning for that', async () => {
  const { known } = new WallPage(boot(200, posts(141, 200)))
  const page = new WallPage(boot(0, []))
  page.adopt({ ...known, posts: known.posts.slice(0, -1) })
  const asked: string[] = []
  await page.readOlder(async (last) => (asked.push(last.key), batch(200, [])))
  expect([asked, page.older]).toEqual([['k141'], 'end'])
})

test('an older page that comes after everything has changed is left alone', async () => {
  const page = new WallPage(boot(200, posts(141, 200)))
  await page.readOlder(async () => {
    page.snapshot({ epoch: 'f', head: 1, records: [post(1)] })
    return batch(200, posts(81, 140).reverse())
  })
  expect([shown(page), page.older]).toEqual([['k1'], 'end'])
})

test('older posts that cannot be fetched leave all that is there', async () => {
  const page = new WallPage(boot(60, posts(1, 60)))
  await page.readOlder(() => Promise.reject(new Error('away')))
  expect([page.shown.length, page.older]).toEqual([60, 'failed'])
})

test('a snapshot replaces everything, also what waited', () => {
  const page = new WallPage(boot(1, [post(1)]))
  page.isHolding = true
  page.records([post(2)], 2)
  page.snapshot({ epoch: 'f', head: 1, records: [post(1)] })
  expect([shown(page), page.waiting, page.known.epoch]).toEqual([['k1'], 0, 'f'])
})

test('the live mark says no more than is known', () => {
  const page = new WallPage(boot(0, []))
  const said = [page.connection]
  page.state(true, page.now)
  said.push(page.connection)
  page.state(false, page.now)
  said.push(page.connection)
  page.now += 6_000
  said.push(page.connection)
  page.online = false
  said.push(page.connection)
  expect(said).toEqual(['page', 'live', 'reconnecting', 'stale', 'offline'])
})

test('a wall that was removed says so and shows nothing, until there is one again', () => {
  const page = new WallPage(boot(2, [post(1), post(2)]))
  page.removed()
  expect([shown(page), page.waiting, page.connection]).toEqual([[], 0, 'removed'])
  page.state(false, Date.parse(NOW))
  expect(page.connection).toBe('removed')
  page.snapshot(batch(1, [post(1)]))
  page.state(true, Date.parse(NOW))
  expect([shown(page), page.connection]).toEqual([['k1'], 'live'])
})

test('a wall without its own record goes by its slug', () => {
  expect(new WallPage(boot(0, [])).wall).toEqual({
    slug: 's',
    name: 's',
    hashtag: '',
    time_zone: 'UTC',
    look: {},
  })
})

test('a post that is taken away while an older page is on its way does not come back with it', async () => {
  const page = new WallPage(boot(100, posts(41, 100)))
  await page.readOlder(async () => {
    page.records([{ ...post(7, null), seq: 101 }], 101)
    return batch(100, posts(1, 40).reverse())
  })
  expect(shown(page).includes('k7')).toBe(false)
  expect(shown(page).length).toBe(99)
})

test('a post that was taken away and shown again comes with an older page', async () => {
  const page = new WallPage(boot(100, posts(41, 100)))
  page.records([{ ...post(7, null), seq: 101 }], 101)
  await page.readOlder(async () => batch(102, [{ ...post(7), seq: 102 }]))
  expect(shown(page).includes('k7')).toBe(true)
})

const pin = (seq: number, of: number, until: string | null): WireRecord => ({
  ...post(of, until === null ? null : { until, post: { html: 'pinned' } }),
  seq,
  kind: 'pin',
})

test('a pin stays first until its end, however old its post, and then leaves by itself', () => {
  const page = new WallPage(boot(5, [pin(5, 1, '2009-10-12T12:00:05Z'), ...posts(2, 4)]))
  expect([shown(page), page.pinned.map(({ body }) => body.html)]).toEqual([
    ['k1', 'k4', 'k3', 'k2'],
    ['pinned'],
  ])
  page.records([post(6), pin(7, 2, '2009-10-12T12:00:10Z')], 7)
  expect(shown(page)).toEqual(['k2', 'k1', 'k6', 'k4', 'k3'])
  page.mode = 'hall'
  page.now = Date.parse('2009-10-12T12:00:05Z')
  expect(shown(page)).toEqual(['k2', 'k6', 'k4', 'k3'])
  page.records([pin(8, 2, null)], 8)
  expect(shown(page)).toEqual(['k6', 'k4', 'k3', 'k2'])
})

test('a post that is removed loses its pin', () => {
  const page = new WallPage(boot(2, [pin(2, 1, '2009-10-13T00:00:00Z')]))
  page.records([{ ...post(1, null), seq: 3 }], 3)
  expect(shown(page)).toEqual([])
})

test('a page of nuggets shows these alone, also as they are marked', () => {
  const nugget = (seq: number, of = seq) => ({ ...post(of, { nugget: true }), seq })
  const page = new WallPage({ ...boot(2, [nugget(1)]), nuggets: true, reach: null })
  page.records([post(2), pin(3, 2, '2009-10-13T00:00:00Z'), nugget(4)], 4)
  expect([shown(page), page.older]).toEqual([['k4', 'k1'], 'end'])
  page.records([nugget(5, 2), { ...post(1), seq: 6 }], 6)
  expect(shown(page)).toEqual(['k4', 'k2'])
})
