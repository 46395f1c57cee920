// The rules of a new password as far as a page can tell while it is typed; the server also judges how easily it is
// guessed (aggregator/accounts/password_policy.py). Pure.

export const MIN_PASSWORD = 12
const MAX_PASSWORD = 256
/** Different characters, besides the person's own words, below which no password is hard to guess. */
const MIN_VARIETY = 5
const MIN_WORD = 3

export interface Rule {
  words: string
  isMet: boolean
}

/** The characters of a password as the server counts them. */
export function lengthOf(password: string): number {
  return [...password.replace(/\p{Zs}/gu, ' ').normalize('NFC')].length
}

/** The rules, each with whether it is met. `about` are words about the person. */
export function rulesFor(password: string, about: string[]): Rule[] {
  return [
    { words: `${MIN_PASSWORD} characters or more`, isMet: lengthOf(password) >= MIN_PASSWORD },
    { words: 'More than your name and a few letters', isMet: varietyOf(password, about) >= MIN_VARIETY },
  ]
}

/** Why a password cannot be taken, before the server is asked; empty if it may be. */
export function complaintOf(password: string): string {
  const length = lengthOf(password)
  if (!length) return 'Choose a password.'
  if (length < MIN_PASSWORD)
    return `A password has ${MIN_PASSWORD} characters or more. This one has ${length}.`
  return length > MAX_PASSWORD
    ? `A password has at most ${MAX_PASSWORD} characters. This one has ${length}.`
    : ''
}

function varietyOf(password: string, about: string[]): number {
  const own = about
    .flatMap((each) => each.toLowerCase().split(/[^\p{L}]+/u))
    .filter((word) => word.length >= MIN_WORD)
  const rest = own.reduce((left, word) => left.replaceAll(word, ''), password.toLowerCase())
  return new Set(rest).size
}
