import { expect, test } from 'vitest'
import { device } from '../desk/devices'
import { expiry, lastUse } from '../desk/times'
import { loginComplaint, nameComplaint } from '../desk/names'
import { complaintOf, lengthOf, rulesFor } from '../desk/passwords'
import { problemOf as brought, span, wordsOf } from '../desk/problems'
import { aRole, givable } from '../desk/roles'
import { needsSession, nextOf, routeOf, signInPath } from '../desk/routes'
import { Problem, problemOf } from '../lib/api'
import { passkeyComplaint } from '../lib/passkeys'

const HERE = 'https://wall.example'
const NOW = Date.parse('2026-06-09T08:00:00Z')
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString()

test.each([
  ['/desk', 'walls', ''],
  ['/desk/', 'walls', ''],
  ['/desk/sign-in', 'sign-in', ''],
  ['/desk/setup', 'setup', ''],
  ['/desk/invitation', 'invitation', ''],
  ['/desk/account/', 'account', ''],
  ['/desk/w/harbour26/team', 'team', 'harbour26'],
  ['/desk/new-wall', 'new-wall', ''],
  ['/desk/w/harbour26/settings', 'settings', 'harbour26'],
  ['/desk/w/harbour26', 'queue', 'harbour26'],
  ['/desk/w/harbour26/sources', 'sources', 'harbour26'],
  ['/desk/w/a%2Fb/team', 'missing', ''],
  ['/desk/w/hall/history', 'history', 'hall'],
  ['/desk/w/hall/authors/@ada@quay.example', 'author', 'hall', '@ada@quay.example'],
  ['/desk/w/hall/authors/https%3A%2F%2Fblog.example', 'author', 'hall', 'https://blog.example'],
  ['/desk/w/hall/authors/%E0', 'missing', ''],
])('%s shows “%s”', (path, view, slug, handle = '') => {
  expect(routeOf(path)).toEqual({ view, slug, handle })
})

test('walls, account and team are for those who are signed in', () => {
  const paths = [
    '/desk',
    '/desk/account',
    '/desk/w/hall/team',
    '/desk/sign-in',
    '/desk/setup',
    '/desk/invitation',
  ]
  expect(paths.map((path) => needsSession(routeOf(path)))).toEqual([true, true, true, false, false, false])
})

test.each([
  ['/desk/account', '/desk/account'],
  ['/desk/w/hall/team', '/desk/w/hall/team'],
  ['/desk', '/desk'],
  ['//evil.example', '/desk'],
  ['https://evil.example/desk', '/desk'],
  ['/desk//evil.example', '/desk'],
  ['/desk/../w/hall', '/desk'],
  ['javascript:alert(1)', '/desk'],
  ['/desk/sign-in', '/desk'],
  ['/deskevil', '/desk'],
])('signing in with next=%s goes on to %s', (next, path) => {
  expect(nextOf(new URL(signInPath(next), 'http://hall.example').search)).toBe(path)
})

test.each([
  ['', 'Choose a password.'],
  ['elevenchars', 'A password has 12 characters or more. This one has 11.'],
  ['twelve chars', ''],
  ['x'.repeat(257), 'A password has at most 256 characters. This one has 257.'],
])('of the password “%s” the page says “%s”', (password, words) => {
  expect(complaintOf(password)).toBe(words)
})

test('a password has as many characters as the server counts', () => {
  expect([lengthOf('e\u0301'), lengthOf('😀'), lengthOf('a\u00a0b')]).toEqual([1, 1, 3])
})

test.each([
  ['', [false, false]],
  ['lantern otte', [true, true]],
  ['short', [false, true]],
  ['kimkimkimkim', [true, false]],
  ['Kim@Conference', [true, false]],
  ['aaaaaaaaaaaa', [true, false]],
])('the rules for “%s” are met as %j', (password, met) => {
  expect(rulesFor(password, ['Kim', 'kim@conference.example']).map(({ isMet }) => isMet)).toEqual(met)
})

test.each([
  ['kim', true],
  ['Kim.O-Neil_2+x@conference.example', true],
  ['ſtraße', true],
  ['', false],
  ['k', false],
  ['kim morton', false],
  ['@.-', false],
  ['a'.repeat(255), false],
])('“%s” is a login: %s', (login, isOne) => {
  expect(loginComplaint(login) === '').toBe(isOne)
})

test('a name has between 1 and 80 characters', () => {
  expect(['', ' ', 'Kim', 'x'.repeat(81)].map((name) => nameComplaint(name) === '')).toEqual([
    false,
    false,
    true,
    false,
  ])
})

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17.5 Safari/605.1',
    'Safari on a Mac',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 CriOS/126 Safari/604',
    'Chrome on an iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 SamsungBrowser/25.0 Chrome/121 Safari/537',
    'Samsung Internet on Android',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126 Safari/537.36', 'Chrome on Linux'],
  ['curl/8.5.0', 'curl'],
  ['Mozilla/5.0', 'Another browser'],
  ['', 'Another browser'],
])('%s is “%s”', (agent, words) => {
  expect(device(agent)).toBe(words)
})

test.each([
  [0, 'Used just now'],
  [-5, 'Used 5 min ago'],
  [-180, 'Used 3 h ago'],
  [-780, 'Used on Mon 19:00'],
  [-60 * 24 * 20, 'Used on 20 May'],
])('a use %i minutes from now reads “%s”', (minutes, words) => {
  expect(lastUse(at(minutes), NOW, 'UTC')).toBe(words)
})

test.each([
  [5, 'Expires in 5 min'],
  [60 * 24, 'Expires on Wednesday at 08:00'],
  [60 * 24 * 30, 'Expires on 9 Jul'],
  [-5, 'Expired 5 min ago'],
  [-60 * 24 * 20, 'Expired on 20 May'],
])('an end %i minutes from now reads “%s”', (minutes, words) => {
  expect(expiry(at(minutes), NOW, 'UTC')).toBe(words)
})

test('an organiser gives every role but that of an owner', () => {
  expect(givable(['view', 'moderate', 'configure', 'members'])).toEqual(['author', 'moderator', 'organiser'])
  expect(givable(['members', 'owners'])).toEqual(['author', 'moderator', 'organiser', 'owner'])
  expect(givable(['view', 'moderate'])).toEqual([])
  expect([aRole('owner'), aRole('moderator')]).toEqual(['an owner', 'a moderator'])
})

test.each([
  [1, '1 second'],
  [59.5, '60 seconds'],
  [61, '2 minutes'],
  [3600, '1 hour'],
])('%d s are “%s”', (seconds, words) => {
  expect(span(seconds)).toBe(words)
})

test('a refusal is told in our words, else in the words of the server, else in plain ones', async () => {
  const refusal = (status: number, body: string, headers = {}) =>
    problemOf(new Response(body, { status, headers }))
  const throttled = await refusal(429, '{"code": "throttled", "detail": "Too many."}', {
    'Retry-After': '125',
  })
  expect([throttled.code, throttled.wait, wordsOf(throttled)]).toEqual([
    'throttled',
    125,
    'Too many attempts. Try again in 3 minutes.',
  ])
  expect(wordsOf(await refusal(409, '{"code": "last_owner", "detail": "Keep one."}'))).toBe('Keep one.')
  expect(wordsOf(await refusal(503, '{"detail": "Database unavailable: try again."}'))).toBe(
    'Database unavailable: try again.',
  )
  expect(wordsOf(await refusal(502, '<html>Bad gateway</html>'))).toBe(wordsOf(new Problem('failed')))
})

test.each([
  [null, 'Passkeys need HTTPS.', 'Passkeys need HTTPS.'],
  ['https://other.example', '', 'Passkeys work at https://other.example only: open the desk there.'],
  [HERE, '', 'This browser is too old for passkeys: update it, or use another way.'],
])('where passkeys work at %s, this page says “%s%s”', (origin, reason, words) => {
  expect(passkeyComplaint({ origin, reason }, HERE)).toBe(words)
})

test.each([
  ['?problem=organisation_email', 'Your organisation has not verified your e-mail address.'],
  ['?problem=throttled', 'Too many attempts. Try again in 15 minutes.'],
  ['?problem=toString', ''],
  ['?problem=<b>evil</b>', ''],
  ['', ''],
])('the sign-in page with %s says “%s”', (search, words) => {
  const problem = brought(search)
  expect(problem ? wordsOf(problem) : '').toContain(words)
  expect(problem === null).toBe(words === '')
})
