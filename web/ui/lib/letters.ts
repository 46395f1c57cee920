// How much room a word takes, counted in letters of ours, and where it may be broken: so large ones fit before any
// browser has measured them.

/** Where wide letters begin: Chinese, Japanese and Korean ones take almost two of ours. */
const WIDE = 0x2e80
/** A hashtag of more letters has two lines where it has words. */
const ONE_LINE = 24

export function lettersOf(word: string): number {
  return [...word].reduce((sum, letter) => sum + (letter.codePointAt(0)! < WIDE ? 1 : 1.75), 0)
}

/** The letters of its longer line, where a long hashtag is set in two: a size that fits them is readable from afar. */
export function lettersOfLine(tag: string): number {
  const parts = partsOf(tag)
  const whole = lettersOf(tag)
  if (whole <= ONE_LINE) return whole
  const lines = parts.map((_, at) => [parts.slice(0, at).join(''), parts.slice(at).join('')])
  return Math.min(...lines.map((two) => Math.max(...two.map(lettersOf))))
}

/** A hashtag where it may be broken: before a capital, and where a number begins; never inside a word or a number. */
export function partsOf(tag: string): string[] {
  return tag.split(/(?<=[^\p{Lu}#])(?=\p{Lu})|(?<=[^\d#])(?=\d)/u)
}
