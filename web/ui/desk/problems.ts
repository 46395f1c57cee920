// What went wrong, in the organiser's words. Pure.
import { Problem } from '../lib/api'

const MINUTE = 60
const HOUR = 60 * MINUTE

const WORDS: Record<string, string> = {
  login_failed: 'User name and password do not belong together. Check both: capitals count in the password.',
  wrong_password: 'That is not the password of your account.',
  passkey_refused: 'This passkey does not belong to an account here. Sign in another way.',
  wrong_passkey: 'That passkey does not belong to your account. Use one that does.',
  challenge_ended: 'That took too long. Start again.',
  last_way_in: 'This is the only way into your account. Set a password or add another passkey first.',
  identity_unconnected:
    'An account with your name is here already. Sign in to it another way, then connect it at your account’s page. If you cannot, ask whoever runs this server for a one-time link.',
  identity_connected:
    'You are connected to another account here already. Sign out, then use the button to sign in.',
  organisation_refused: 'Your organisation has not signed you in. Try again, and sign in there.',
  organisation_invalid:
    'What your organisation sent back was not valid. Start again; if it happens again, tell your organiser.',
  organisation_not_welcome:
    'Your organisation knows you, but this server does not let you in. Ask an organiser.',
  organisation_email:
    'Your organisation has not verified your e-mail address. Confirm it there, then sign in again.',
  organisation_unavailable:
    'Your organisation’s sign-in does not answer. Try again in a minute, then tell your organiser.',
  login_taken: 'This user name is taken. Choose another, or sign in if it is yours.',
  slug_taken: 'Another wall has this address already. Choose another one.',
  other_name: 'That is not the name of this wall. Nothing was removed.',
  invalid_link: 'This link has expired, was taken back, or has been used. Ask for a new one.',
  not_signed_in: 'You are signed out. Sign in again to go on.',
  cross_site: 'The server refused this, because it seemed to come from another site. Reload the page.',
  busy: 'Many people are signing in at this moment. Try again in a few seconds.',
  unreachable: 'The server does not answer. Check your connection, then try again.',
}

const FAILED = 'Something went wrong on the server. Try again in a moment.'

/** One or two sentences: what happened and what to do. */
export function wordsOf({ code, message, wait }: Problem): string {
  if (code === 'throttled') return `Too many attempts. Try again in ${span(wait)}.`
  return WORDS[code] ?? (message || FAILED)
}

/** What the query of the sign-in page says that went wrong elsewhere; null if nothing, or nothing that is known. */
export function problemOf(search: string): Problem | null {
  const code = new URLSearchParams(search).get('problem') ?? ''
  if (code === 'throttled') return new Problem(code, '', 15 * MINUTE)
  return Object.hasOwn(WORDS, code) ? new Problem(code) : null
}

/** Any thrown value as a Problem; what is not one is an error of this page, for the console. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error
  console.error(error)
  return new Problem('page', 'Something went wrong on this page. Reload it, then try again.')
}

export function isProblem(error: unknown, ...codes: string[]): error is Problem {
  return error instanceof Problem && codes.includes(error.code)
}

/** Seconds in words, rounded up: `30 seconds`, `4 minutes`, `1 hour`. */
export function span(seconds: number): string {
  if (seconds < MINUTE) return many(Math.max(1, Math.ceil(seconds)), 'second')
  if (seconds < HOUR) return many(Math.ceil(seconds / MINUTE), 'minute')
  return many(Math.ceil(seconds / HOUR), 'hour')
}

const many = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`
