// How much room a word takes, counted in letters of ours: so large ones fit before any browser has measured them.

/** Where wide letters begin: Chinese, Japanese and Korean ones take almost two of ours. */
const WIDE = 0x2e80

export function lettersOf(word: string): number {
  return [...word].reduce((sum, letter) => sum + (letter.codePointAt(0)! < WIDE ? 1 : 1.75), 0)
}
