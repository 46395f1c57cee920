// The filter of the history, as the address has it, and the server's query for it. Pure.

export interface Filter {
  /** A login, or `~` and a kind of actor. */
  who: string
  /** A group of acts. */
  what: Group | ''
  /** A post's key or an author's handle. */
  about: string
  /** Days, such as 2026-06-09, in this browser's time zone; both are included. */
  from: string
  to: string
}

export const GROUPS = {
  approvals: ['approve', 'bring_back'],
  hidden: ['hide', 'hold'],
  withdrawn: ['withdraw', 'opt_out', 'end_opt_out'],
  trust: ['trust', 'distrust'],
  emergency: ['freeze', 'release', 'clear'],
  marks: ['pin', 'unpin', 'mark_nugget', 'unmark_nugget', 'cover_media', 'uncover_media', 'note'],
  undone: ['undo'],
  settings: ['create', 'change'],
  sources: ['follow', 'unfollow', 'end'],
  team: ['invite', 'accept', 'revoke', 'remove'],
} as const
export type Group = keyof typeof GROUPS

export const GROUP_NAMES: Record<Group, string> = {
  approvals: 'Approved or brought back',
  hidden: 'Hidden or held',
  withdrawn: 'Withdrawn or left out',
  trust: 'Trust in authors',
  emergency: 'Freeze, release and clear',
  marks: 'Pins, nuggets, covers and notes',
  undone: 'Undone',
  settings: 'Settings and roles',
  sources: 'Sources',
  team: 'Team',
}

/** Actors that are not people, with the names of the filter. */
export const OTHERS: Record<string, string> = {
  '~rule': 'Rules',
  '~source': 'Sources',
  '~author': 'Authors',
  '~origin': 'Authors’ servers',
}

const NAMES = ['who', 'what', 'about', 'from', 'to'] as const
const DAY = /^\d{4}-\d\d-\d\d$/

export function filterFrom(search: string): Filter {
  const asked = new URLSearchParams(search)
  const text = (name: string) => asked.get(name)?.trim() ?? ''
  const day = (name: string) => (DAY.test(text(name)) && !isNaN(startOf(text(name))) ? text(name) : '')
  const what = Object.hasOwn(GROUPS, text('what')) ? (text('what') as Group) : ''
  return { who: text('who'), what, about: text('about'), from: day('from'), to: day('to') }
}

/** The query of the address; empty without a filter. */
export function searchOf(filter: Filter): string {
  const query = new URLSearchParams()
  for (const name of NAMES) if (filter[name]) query.set(name, filter[name])
  return query.size ? `?${query}` : ''
}

/** The server's query. */
export function queryOf({ who, what, about, from, to }: Filter): URLSearchParams {
  const query = new URLSearchParams()
  if (who.startsWith('~')) query.set('actor_kind', who.slice(1))
  else if (who) query.set('actor', who)
  if (what) for (const action of GROUPS[what]) query.append('action', action)
  if (about) query.set('subject', subjectOf(about))
  if (from) query.set('since', new Date(startOf(from)).toISOString())
  if (to) query.set('until', new Date(startOf(to, 1)).toISOString())
  return query
}

/** A handle as the history has it: in lower case, without the leading `@`. */
export const subjectOf = (about: string) => about.trim().replace(/^@/, '').toLowerCase()

/** The first moment of a day, or of a later one, in this browser's time zone (ms). */
function startOf(day: string, later = 0): number {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return new Date(year, month - 1, date + later).getTime()
}
