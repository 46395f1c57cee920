// Custom emoji in plain text: finds the `:code:`s that a post names. Pure.
// aggregator/items/emoji.py is the same algorithm; tests/fixtures/emoji.json tests both.

/** The maximum number of emoji pictures in one text; further codes stay text. */
const MAX_DRAWN = 100
const COLON = /[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9])|(:)/g
const NOT_IN_CODE = /[\s<>&"']/
const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u
/** Scripts from here on (Thai, Han, kana, …) have no spaces between words. */
const NO_SPACES_FROM = '\u0e00'

type Span = [start: number, end: number]

/** The text in pieces: words at even indexes, codes without their colons at odd ones. */
export function splitCodes(text: string, named: string[]): string[] {
  const parts: string[] = []
  let at = 0
  for (const [start, end] of named.length ? codes(text, new Set(named)).slice(0, MAX_DRAWN) : []) {
    parts.push(text.slice(at, start), text.slice(start + 1, end - 1))
    at = end
  }
  return [...parts, text.slice(at)]
}

/** Whether a code stands alone: not inside a word, more colons or a time of day (`a:b:c`, `::b::`, `10:30`). */
function codes(text: string, named: Set<string>): Span[] {
  const runs: Span[][] = []
  for (const span of betweenColons(text, named)) {
    if (runs.at(-1)?.at(-1)?.[1] === span[0]) runs.at(-1)!.push(span)
    else runs.push([span])
  }
  return runs.filter((run) => standsFree(text, run[0]![0], run.at(-1)![1])).flat()
}

/** The named codes between two colons. Each colon opens or closes one code; times of day have none. */
function betweenColons(text: string, named: Set<string>): Span[] {
  const found: Span[] = []
  let opened = -1
  for (const match of text.matchAll(COLON)) {
    const between = opened < 0 ? '' : text.slice(opened + 1, match.index)
    if (!match[1]) opened = -1
    else if (between && named.has(between) && !NOT_IN_CODE.test(between)) {
      found.push([opened, match.index + 1])
      opened = -1
    } else opened = match.index
  }
  return found
}

function standsFree(text: string, start: number, end: number): boolean {
  const before = text.charAt(start - 1)
  const after = text.charAt(end)
  return before !== ':' && after !== ':' && !(isOfAWord(before) && isOfAWord(after))
}

function isOfAWord(character: string): boolean {
  return character < NO_SPACES_FROM && LETTER_OR_NUMBER.test(character)
}
