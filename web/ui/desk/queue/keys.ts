// The queue's keys: which command each stands for, as they are or as somebody has chosen them in this browser. Pure.
export const DEFAULT_KEYS = {
  next: 'j',
  previous: 'k',
  approve: 'a',
  hide: 'h',
  block: 'b',
  trust: 't',
  pin: 'p',
  nugget: 'n',
  select: 'x',
  undo: 'u',
  freeze: 'f',
  clear: 'c',
  arrived: '.',
  search: '/',
  help: '?',
} as const
export type Command = keyof typeof DEFAULT_KEYS
export type Keys = Readonly<Record<Command, string>>

export const COMMANDS = Object.keys(DEFAULT_KEYS) as Command[]

export const KEY_MEANINGS: Record<Command, string> = {
  next: 'Next post',
  previous: 'Previous post',
  approve: 'Approve',
  hide: 'Hide',
  block: 'Hide, and block the author',
  trust: 'Trust the author',
  pin: 'Pin, or unpin',
  nugget: 'Mark as a nugget, or not',
  select: 'Select, or not',
  undo: 'Undo your last act',
  freeze: 'Freeze the wall, or release it',
  clear: 'Clear the wall',
  arrived: 'Show what has arrived',
  search: 'Search',
  help: 'These keys',
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>

/** The command of a pressed key, if it has one. Only steps repeat while a key is held down. */
export function commandOf(
  { key, ctrlKey, metaKey, altKey, repeat }: Pressed,
  keys: Keys = DEFAULT_KEYS,
): Command | undefined {
  if (ctrlKey || metaKey || altKey) return undefined
  const command = COMMANDS.find((each) => keys[each] === key)
  return repeat && command !== 'next' && command !== 'previous' ? undefined : command
}

/** Why a key cannot stand for a command; empty if it can. */
export function keyComplaint(key: string, command: Command, keys: Keys): string {
  if (!isKey(key)) return 'Choose one letter, digit or sign.'
  const taken = COMMANDS.find((each) => each !== command && keys[each] === key)
  return taken ? `“${key}” is the key of “${KEY_MEANINGS[taken]}”.` : ''
}

/** The keys that were stored; those of today where nothing was, or where it does not fit any more. */
export function keysFrom(stored: string | null): Keys {
  const chosen = parsed(stored)
  const keys = { ...DEFAULT_KEYS } as Record<Command, string>
  for (const command of COMMANDS) if (isKey(chosen[command])) keys[command] = chosen[command]
  return new Set(Object.values(keys)).size === COMMANDS.length ? keys : DEFAULT_KEYS
}

const isKey = (key: unknown): key is string => typeof key === 'string' && /^[^\s\p{C}]$/u.test(key)

function parsed(stored: string | null): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(stored ?? '{}')
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
