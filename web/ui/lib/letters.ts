// The width of a word in average Latin letters, and where it may break, so that large words fit before a browser has
// measured them.

/** The first code point of wide letters: Chinese, Japanese and Korean ones take almost two Latin ones. */
const WIDE = 0x2e80
/** A shorter hashtag never breaks: people copy it letter by letter. */
export const UNBROKEN = 12
/** A longer hashtag has two lines if it has several words. */
const ONE_LINE = 24

export function lettersOf(word: string): number {
  return [...word].reduce((sum, letter) => sum + (letter.codePointAt(0)! < WIDE ? 1 : 1.75), 0)
}

/** The width in letters of a hashtag's longest line; a long one is set in two lines to be readable from afar. */
export function lettersOfLine(tag: string): number {
  const parts = partsOf(tag)
  const whole = lettersOf(tag)
  if (whole <= ONE_LINE) return whole
  const lines = parts.map((_, at) => [parts.slice(0, at).join(''), parts.slice(at).join('')])
  return Math.min(...lines.map((two) => Math.max(...two.map(lettersOf))))
}

/** A hashtag split where it may break: before a capital or a number, never inside a word or a number. */
export function partsOf(tag: string): string[] {
  return tag.split(/(?<=[^\p{Lu}#])(?=\p{Lu})|(?<=[^\d#])(?=\d)/u)
}
