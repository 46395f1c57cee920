// Whether a login and a name can be taken, by the server's rules (aggregator/accounts/logins.py). Pure.

const MIN_LOGIN = 2
const MAX_LOGIN = 254
const MAX_NAME = 80

/** Why it is not a login; empty if it may be one. */
export function loginComplaint(login: string): string {
  const folded = login.trim().normalize('NFKC')
  const length = [...folded].length
  if (!length) return 'Choose a user name, or give your e-mail address.'
  if (length < MIN_LOGIN || length > MAX_LOGIN) return `Use between ${MIN_LOGIN} and ${MAX_LOGIN} characters.`
  const isOne = /^[\p{L}\p{M}\p{N}._\-+@]+$/u.test(folded) && /[\p{L}\p{N}]/u.test(folded)
  return isOne ? '' : 'Use letters and digits, and among them any of . _ - + @'
}

/** Why it is not a person's name; empty if it may be one. */
export function nameComplaint(name: string): string {
  const length = [...name.trim().replace(/\s+/g, ' ')].length
  if (!length) return 'Say what people call you.'
  return length > MAX_NAME ? `Use at most ${MAX_NAME} characters.` : ''
}
