// Custom emoji in plain words: which `:code:` is one of those that a post names. Pure.
// aggregator/items/emoji.py is the same algorithm; tests/fixtures/emoji.json holds both to it.

/** Pictures that one run of words may carry: what comes after stays words. */
const MAX_DRAWN = 100
const TIME = '[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9])'
const NOT_IN_CODE = /[\s:<>&"']/
const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u
/** Scripts from here on (Thai, Han, kana, …) write words without a space between them. */
const NO_SPACES_FROM = '\u0e00'

/** The text in pieces: words at even places, the codes between them, without their colons, at odd ones. */
export function splitCodes(text: string, named: string[]): string[] {
  const known = named.filter((code) => code && !NOT_IN_CODE.test(code)).sort((a, b) => b.length - a.length)
  if (!known.length || !text.includes(':')) return [text]
  const code = `:(?:${known.map(escaped).join('|')}):`
  const parts: string[] = []
  let at = 0
  for (const match of text.matchAll(new RegExp(`${TIME}|((?:${code})+)`, 'g'))) {
    if (!match[1] || !standsFree(text, match.index, match.index + match[1].length)) continue
    for (const one of match[1].matchAll(new RegExp(code, 'g'))) {
      if (parts.length === 2 * MAX_DRAWN) break
      const start = match.index + one.index
      parts.push(text.slice(at, start), one[0].slice(1, -1))
      at = start + one[0].length
    }
  }
  return [...parts, text.slice(at)]
}

function standsFree(text: string, start: number, end: number): boolean {
  const before = text.charAt(start - 1)
  const after = text.charAt(end)
  return before !== ':' && after !== ':' && !(isOfAWord(before) && isOfAWord(after))
}

function isOfAWord(character: string): boolean {
  return character < NO_SPACES_FROM && LETTER_OR_NUMBER.test(character)
}

function escaped(code: string): string {
  return code.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
