// How one looks at the queue in this browser: its keys, its pictures, and whether a swipe decides.
import { hasLetterKeys, setLetterKeys } from '../../lib/letter_keys'
import { DEFAULT_KEYS, keysFrom, type Command, type Keys } from './keys'

export const PICTURES = ['shown', 'grey', 'covered'] as const
export type Pictures = (typeof PICTURES)[number]

const NAMES = {
  keys: 'backchannel:queue-keys',
  pictures: 'backchannel:queue-pictures',
  swipe: 'backchannel:no-swipe',
}

export class View {
  /** Whether keys of one letter do something at all. */
  hasKeys = $state(hasLetterKeys())
  keys = $state.raw<Keys>(keysFrom(stored(NAMES.keys)))
  pictures = $state<Pictures>(PICTURES.find((each) => each === stored(NAMES.pictures)) ?? 'shown')
  hasSwipe = $state(stored(NAMES.swipe) === null)

  /** The key of a command, as a button shows it; undefined while keys are off. */
  key = (command: Command): string | undefined => (this.hasKeys ? this.keys[command] : undefined)

  setHasKeys(on: boolean): void {
    setLetterKeys(on)
    this.hasKeys = on
  }

  setKey(command: Command, key: string): void {
    this.keys = { ...this.keys, [command]: key }
    store(NAMES.keys, JSON.stringify(this.keys))
  }

  resetKeys(): void {
    this.keys = DEFAULT_KEYS
    store(NAMES.keys, null)
  }

  setPictures(pictures: Pictures): void {
    this.pictures = pictures
    store(NAMES.pictures, pictures === 'shown' ? null : pictures)
  }

  setHasSwipe(on: boolean): void {
    this.hasSwipe = on
    store(NAMES.swipe, on ? null : 'off')
  }
}

/** Browsers may forbid storage: the view then is the usual one on each new page. */
function stored(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // see above
  }
}
