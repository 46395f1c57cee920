// Entries of the history in the organiser's words. Pure.
import type { Entry } from '../../lib/history'

const NAMES: Record<string, string> = {
  person: 'Somebody',
  cli: 'The command line',
  origin: 'The author’s server',
  author: 'The author',
  rule: 'A rule',
  source: 'A source',
}

/** `kim`, `ops at the command line`, `A rule`. */
export function whoOf({ kind, name }: Entry['actor']): string {
  if (kind === 'person') return name || NAMES.person!
  if (kind === 'cli' && name) return `${name}, at the command line`
  return NAMES[kind] ?? kind
}

const DID: Record<string, string> = {
  hide: 'hid',
  approve: 'approved',
  withdraw: 'withdrew',
  hold: 'held',
  bring_back: 'brought back',
  trust: 'trusted',
  distrust: 'no longer trusts',
  clear: 'cleared',
  freeze: 'froze',
  release: 'released',
  pin: 'pinned',
  unpin: 'unpinned',
  mark_nugget: 'marked as a nugget',
  unmark_nugget: 'no longer marks as a nugget',
  cover_media: 'covered the pictures of',
  uncover_media: 'uncovered the pictures of',
  note: 'wrote a note about',
  undo: 'undid an act about',
  create: 'made',
  change: 'changed',
  remove: 'removed',
  follow: 'followed',
  unfollow: 'stopped following',
  end: 'ended',
  invite: 'made',
  accept: 'joined as',
  revoke: 'took back',
  opt_out: 'left out',
  end_opt_out: 'no longer leaves out',
}

/** `hid a post by Ada Example`, `froze the wall`. */
export function didOf({ action, subject, before, after }: Entry): string {
  const did = subject.kind === 'author' && action === 'hide' ? 'blocked' : (DID[action] ?? action)
  if (subject.kind === 'author' && action === 'approve') return `no longer blocks @${subject.id}`
  return `${did} ${thing(subject, text(after) || text(before))}`
}

function thing({ kind, id, post }: Entry['subject'], state: string): string {
  switch (kind) {
    case 'post':
      return post ? `a post by ${post.name || post.handle}` : 'a post that is gone'
    case 'author':
      return `@${id}`
    case 'source':
      return `the source ${state.includes(' ') ? state : id}`
    case 'member':
      return `the member ${id}`
    case 'invitation':
      return 'an invitation'
    default:
      return 'the wall'
  }
}

const STATES: Record<string, string> = {
  held: 'Held',
  live: 'Live',
  hidden: 'Hidden',
  withdrawn: 'Withdrawn',
  trusted: 'Trusted',
  frozen: 'Frozen',
}

/** One change: of what (empty for a state), from what, to what. */
export interface Change {
  of: string
  before: string
  after: string
}

/** What has become of it: `Live → Hidden`, or a change for each setting. Nothing where the act says all. */
export function changesOf({ before, after, subject, action }: Entry): Change[] {
  if (isObject(before) || isObject(after)) return settings(toObject(before), toObject(after))
  if (subject.kind === 'source' || subject.kind === 'invitation') return []
  const [from, to] = [text(before), text(after)]
  if (from === to) return []
  if (action === 'clear') return [{ of: 'What has come since', before: '', after: moment(to) }]
  return [{ of: '', before: state(from), after: state(to) }]
}

function settings(before: Record<string, unknown>, after: Record<string, unknown>): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changes = names.map((name) => ({
    of: capital(name.replaceAll('_', ' ')),
    before: value(before[name]),
    after: value(after[name]),
  }))
  return changes.filter((change) => change.before !== change.after)
}

function value(given: unknown): string {
  if (given === undefined || given === null || given === '') return 'none'
  if (typeof given === 'boolean') return given ? 'yes' : 'no'
  if (!isObject(given)) return String(given)
  const parts = Object.entries(given).map(([name, each]) => `${name.replaceAll('_', ' ')} ${value(each)}`)
  return parts.join(', ') || 'none'
}

const state = (word: string) => (word ? (STATES[word] ?? moment(capital(word))) : 'As usual')
const text = (given: unknown) => (typeof given === 'string' ? given : '')
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
const isObject = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
const toObject = (given: unknown) => (isObject(given) ? given : {})

/** A timestamp as people read it; other words as they are. */
function moment(word: string): string {
  if (!/^\d{4}-\d\d-\d\dT/.test(word)) return word
  return new Date(word).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}

/** `12 posts are back where they were. 2 have changed since, and stay.` */
export function undoneWords({ restored, left }: { restored: number; left: number }): string {
  const posts = (count: number) => `${count.toLocaleString('en-GB')} post${count === 1 ? '' : 's'}`
  const back = restored ? ` ${posts(restored)} ${restored === 1 ? 'is' : 'are'} back.` : ''
  const stay = left ? ` ${posts(left)} changed since, or may not come back: left as they are.` : ''
  return `Undone.${back}${stay}`
}
