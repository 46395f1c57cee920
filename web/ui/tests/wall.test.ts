// The wall page, as the server draws it.
import { render } from 'svelte/server'
import { expect, test } from 'vitest'
import type { Boot, WallBody, WireRecord } from '../live/types'
import { WallPage } from '../wall/page.svelte'
import Wall from '../wall/Wall.svelte'

const WALL: WallBody = {
  slug: 's',
  name: 'The hall',
  hashtag: 'conf',
  time_zone: 'UTC',
  mode: 'open',
  networks: ['mastodon'],
  look: {},
}
const record = (seq: number, kind: string, key: string, body: object): WireRecord => ({
  seq,
  kind,
  key,
  at: `2009-10-12T10:00:${10 + seq}`,
  body,
})
const post = (seq: number, more: object = {}) =>
  record(seq, 'post', `k${seq}`, {
    network: 'mastodon',
    url: 'https://m.example/1',
    author: { name: 'Ada', handle: '@ada@m.example' },
    created_at: '2009-10-12T10:00:00Z',
    html: `<p>Words ${seq}</p>`,
    ...more,
  })

/** A page with that many posts. */
function pageOf(count: number, wall: Partial<WallBody> = {}, boot: Partial<Boot> = {}): WallPage {
  const posts = Array.from({ length: count }, (_, at) => post(count - at))
  const records = [record(9, 'wall', 's', { ...WALL, ...wall }), ...posts]
  return new WallPage({ slug: 's', now: '2009-10-12T12:00:00Z', epoch: 'e', head: 9, records, ...boot })
}
const draw = (page: WallPage) => render(Wall, { props: { page, links: null, colours: '' } }).body
const invites = (page: WallPage) => draw(page).includes('The first words are in. Add yours')

test('a page of few posts invites to more, and goes on while it holds new ones back', () => {
  const page = pageOf(3)
  page.isHolding = true
  page.records([post(10)], 10)
  expect([invites(page), page.waiting]).toEqual([true, 1])
  const isFew = (each: WallPage) => /class="rest few/.test(draw(each))
  expect(isFew(page)).toBe(true)
  page.release()
  expect([invites(page), isFew(page)]).toEqual([true, false])
})

test('an empty page stays as it is while it holds the first post back', () => {
  const page = pageOf(0)
  page.isHolding = true
  page.records([post(10)], 10)
  expect(draw(page).includes('The first word is yours')).toBe(true)
})

test('a page without scripts says where to post, how to be left out, and who runs the wall', () => {
  const operator = { contact: 'mailto:a@b.example', imprint: 'https://b.example/imprint' }
  const unscripted = (page: WallPage) => {
    const parts = [...draw(page).matchAll(/<noscript>(.*?)<\/noscript>/gs)].map(([, html = '']) => html)
    return parts.join('').replace(/<!--.*?-->/g, '')
  }
  for (const count of [0, 1]) {
    const html = unscripted(pageOf(count, {}, { operator }))
    expect(html).toContain('How to be on this wall: Post in public with this hashtag on Mastodon')
    expect(html).toContain('href="mailto:a@b.example"')
    expect(html).toContain('>Imprint</a>')
    expect(html).not.toContain('Privacy')
  }
  expect(unscripted(pageOf(1, { networks: [] }))).not.toContain('How to be')
})

const bare = (html: string) => html.replace(/<!--.*?-->|<wbr\/?>/g, '')
const header = (page: WallPage) => bare(/<header class="mast.*?<\/header>/s.exec(draw(page))![0])

test('only a hashtag that the wall follows is shown as a call', () => {
  const hall = (wall: Partial<WallBody>) => {
    const page = pageOf(1, wall)
    page.mode = 'hall'
    return header(page)
  }
  expect(hall({})).toContain('#conf')
  expect(hall({ networks: [] })).not.toContain('#conf')
  expect(header(pageOf(1, { networks: [] }))).toContain('About this wall')
  expect(header(pageOf(1, { networks: [] }))).not.toContain('#conf')
})

test('a wall that follows nothing says so', () => {
  const html = bare(draw(pageOf(0, { networks: [], has_sources: false })))
  expect(html).toContain('Nothing is followed yet.')
})

test('without scripts the page says first that it does not update, and its button is inert', () => {
  const html = draw(pageOf(1))
  expect(html.indexOf("doesn't update")).toBeLessThan(html.indexOf('class="feed'))
  expect(/<button[^>]*class="say[^>]*>/.exec(html)![0]).toContain('disabled')
  expect(html).toMatch(/<a href="#about">.*id="about"/s)
})

test('a few words are set large, and emoji alone larger, drawn ones too', () => {
  const html = [
    '<p>🎉🎉🚢</p>',
    '<p><img class="emoji" src="/media/a/s.webp" alt=":boat:"/></p>',
    '<p>Yes.</p>',
    `<p>${'Words '.repeat(20)}</p>`,
    '<p> </p>',
  ]
  const sizes = html.map((words) => {
    const page = pageOf(0)
    page.records([post(10, { html: words })], 10)
    return /class="words (short|signs)/.exec(draw(page))?.[1]
  })
  expect(sizes).toEqual(['signs', 'signs', 'short', undefined, undefined])
})

test('a post of pictures alone keeps their descriptions for a screen without pictures', () => {
  const media = [{ kind: 'image', url: 'https://m.example/1.png', alt: 'A lighthouse', picture: { id: 'a' } }]
  const mosaics = [{ html: '' }, {}].map((more) => {
    const page = pageOf(0)
    page.records([post(10, { media, ...more })], 10)
    return /class="mosaic[^>]*>.*?data-alt="[^"]*"/s.exec(draw(page))![0]
  })
  expect(mosaics.map((it) => [/alone/.test(it), it.includes('data-alt="A lighthouse"')])).toEqual([
    [true, true],
    [false, true],
  ])
})
