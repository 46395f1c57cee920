// The queue's keys. Pure: which act a key stands for.
export const KEYS = {
  j: 'next',
  k: 'previous',
  a: 'approve',
  h: 'hide',
  b: 'block',
  t: 'trust',
  p: 'pin',
  n: 'nugget',
  x: 'select',
  u: 'undo',
  f: 'freeze',
  c: 'clear',
  '.': 'arrived',
  '/': 'search',
  '?': 'help',
} as const
export type Command = (typeof KEYS)[keyof typeof KEYS]

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

const BY_COMMAND = new Map(Object.entries(KEYS).map(([key, command]) => [command, key]))

/** The key of a command, as a button shows it. */
export const keyOf = (command: Command) => BY_COMMAND.get(command)!

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>

/** The command of a pressed key, if it has one. Only steps repeat while a key is held down. */
export function commandOf({ key, ctrlKey, metaKey, altKey, repeat }: Pressed): Command | undefined {
  if (ctrlKey || metaKey || altKey) return undefined
  const command = Object.hasOwn(KEYS, key) ? KEYS[key as keyof typeof KEYS] : undefined
  return repeat && command !== 'next' && command !== 'previous' ? undefined : command
}
