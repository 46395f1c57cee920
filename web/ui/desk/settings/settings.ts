// A wall's settings as its forms have them: checked before they are sent, by the server's rules. Pure.
import { shifts } from '../../lib/color'

const MAX_NAME = 120
/** Of a lightness from 0 to 1: a colour that must be moved further is another one to the eye. */
const VISIBLE_SHIFT = 0.25
const COLOUR = /^#[0-9a-f]{6}$/i

/** The time zone of this computer. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** All time zones that the browser knows, and these. */
export const zonesWith = (...zones: string[]) =>
  [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), ...zones])].sort()

/** Why it is not a wall's name; empty if it may be one. */
export function wallNameComplaint(name: string): string {
  const length = [...name.trim().replace(/\s+/g, ' ')].length
  if (!length) return 'Say what the conference is called.'
  return length > MAX_NAME ? `Use at most ${MAX_NAME} characters.` : ''
}

/** Why it is not a hashtag, with or without its `#`; empty if it may be one, or none is given. */
export function hashtagComplaint(hashtag: string): string {
  const tag = hashtag.trim().replace(/^#/, '')
  if (!tag) return ''
  const isOne = /^[\p{L}\p{N}\p{M}_]+$/u.test(tag) && !/^\p{N}+$/u.test(tag)
  return isOne ? '' : 'Use letters, digits and underscores, and at least one letter, such as #harbour26.'
}

/** Why it is not a colour; empty if it is one, or none is given. */
export const colourComplaint = (colour: string) =>
  !colour || COLOUR.test(colour) ? '' : 'Write # and six of 0 to 9 and a to f, such as #1f6feb.'

/** What to know about a colour that pages cannot use as it is; empty if they can, or nearly. */
export function contrastRemark(colour: string): string {
  const moved = COLOUR.test(colour) ? shifts(colour) : null
  if (moved && moved.light > VISIBLE_SHIFT)
    return 'Too pale for words on light pages, where a darker shade is used. Choose a darker colour to keep it.'
  if (moved && moved.dark > VISIBLE_SHIFT)
    return 'Too dark for words on the big screen, where a lighter shade is used. Choose a lighter colour to keep it.'
  return ''
}

/** A timestamp as the local time of a zone, for an input: `2026-06-09T08:30`; empty for none. */
export function localTime(timestamp: string | null, zone: string): string {
  if (!timestamp) return ''
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return parts.format(new Date(timestamp)).replace(' ', 'T')
}

/** Those of the fields that differ from what they were. */
export function changesOf<Fields extends object>(before: Fields, after: Fields): Partial<Fields> {
  const names = Object.keys(after) as (keyof Fields)[]
  return Object.fromEntries(
    names.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]),
  ) as Partial<Fields>
}
