import { expect, test } from 'vitest'
import { howPostsCome, howToPost, networkName, postOn, silence } from '../lib/networks'
import { howToLeave, whatIsShown } from '../lib/privacy'
import type { WallBody } from '../live/types'

const wall = { slug: 'hall', name: 'The hall', hashtag: 'h26', time_zone: 'UTC', look: {} }

test('an open wall says where to post, and that it is at once', () => {
  expect(howToPost({ ...wall, mode: 'open', networks: ['mastodon'] })).toBe(
    'Post in public with this hashtag on Mastodon or any server of the Fediverse. ' +
      'Your post appears here automatically, usually within half a minute.',
  )
})

test('networks of the Fediverse are named together', () => {
  expect(howToPost({ ...wall, networks: ['mastodon', 'misskey', 'pigeon'] })).toBe(
    'Post in public with this hashtag on Mastodon, Misskey or any server of the Fediverse or pigeon.',
  )
})

test('a wall that is looked after promises nothing', () => {
  const said = howToPost({ ...wall, mode: 'approve', networks: ['mastodon', 'pigeon'] })
  expect(said).toContain('Fediverse or pigeon. An organiser looks at each post')
  expect(howToPost({ ...wall, mode: 'trusted', networks: ['pigeon'] })).toContain('posts of new authors')
})

test('a wall promises nothing while a network of its hashtag is silent', () => {
  const silent = [{ network: 'mastodon', since: '2026-06-09T10:42:00.000000Z' }]
  const open = { ...wall, mode: 'open' as const, networks: ['mastodon', 'pigeon'] }
  expect(howToPost({ ...open, silent })).toBe(
    'Post in public with this hashtag on Mastodon or any server of the Fediverse or pigeon.',
  )
  expect(howToPost({ ...open, silent: [{ ...silent[0]!, network: 'feeds' }] })).toContain('half a minute')
})

test.each([
  [{}, 'Posts appear here automatically.'],
  [{ has_sources: true }, 'Posts appear here automatically.'],
  [{ mode: 'approve' }, 'An organiser looks at each post before it appears here.'],
  [{ mode: 'trusted' }, 'An organiser looks at posts of new authors before they appear here.'],
  [{ silent: [{ network: 'feeds', since: '2026-06-09T10:42:00.000000Z' }] }, ''],
  [{ mode: 'approve', has_sources: false }, 'Nothing is followed yet.'],
] as const)('a wall with %j says how posts come: %s', (more, words) => {
  expect(howPostsCome({ ...wall, ...more } as WallBody)).toBe(words)
})

test('a wall that follows no hashtag asks nobody to post', () => {
  expect(howToPost({ ...wall, mode: 'open', networks: [] })).toBe('')
  expect(howToPost({ ...wall, hashtag: '', mode: 'open', networks: ['mastodon'] })).toBe('')
})

test('what an earlier server did not say is not promised', () => {
  expect(howToPost(wall)).toBe('Post in public with this hashtag.')
})

test('a network that we do not know goes by its own name', () => {
  expect([networkName('mastodon'), networkName('pigeon')]).toEqual(['Mastodon', 'pigeon'])
})

test.each([
  [undefined, 'Say it with'],
  [['rehearsal'], 'Say it with'],
  [['feeds', 'mastodon'], 'Post on Mastodon with'],
  [['mastodon', 'bluesky'], 'Post on Mastodon or Bluesky with'],
  [['mastodon', 'bluesky', 'pixelfed'], 'Post on Mastodon or 2 other networks with'],
])('a wall that follows its hashtag on %s says: %s', (networks, words) => {
  expect(postOn({ ...wall, ...(networks && { networks }) })).toBe(words)
})

test('a wall promises deletions only of networks that tell of them', () => {
  expect(whatIsShown(['feeds'])).toBe('Public posts only. Edited posts change here.')
  expect(whatIsShown(['feeds', 'mastodon', 'pigeon'])).toMatch(/deleted on Mastodon leave every screen/)
})

test('a wall says which networks do not answer, and since when none of them did', () => {
  const silent = [
    { network: 'feeds', since: '2026-06-09T10:45:00.000000Z' },
    { network: 'mastodon', since: '2026-06-09T10:42:00.000000Z' },
  ]
  expect(silence({ ...wall, silent })).toBe('No answer from the web or Mastodon since 10:45')
  expect([silence({ ...wall, silent: [] }), silence(wall)]).toEqual(['', ''])
})

test.each([
  [['mastodon'], { contact: 'mailto:a@b.example' }, 'or delete the post, or ask', 'mailto:a@b.example'],
  [['mastodon'], { imprint: '/imprint' }, 'or delete the post, or ask', '/imprint'],
  [['mastodon'], {}, 'into your profile on Mastodon, or delete the post.', undefined],
  [['bluesky', 'mastodon'], {}, 'profile on Bluesky or Mastodon, or delete the post.', undefined],
  [['feeds'], { contact: '/contact' }, 'Ask', '/contact'],
  [['feeds'], {}, '', undefined],
])('posts of %j are left out by a way that there is: %j', (networks, operator, end, ask) => {
  const leave = howToLeave(networks, operator)
  expect([leave.words.endsWith(end), leave.ask, end || leave.words]).toEqual([true, ask, end])
})
