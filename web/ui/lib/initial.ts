// The initial of a name, in place of a picture. Pure, and the same on the server, whose V8 has no Intl.Segmenter.

const LETTER = /[\p{L}\p{N}]\p{M}*/u
/** A flag, or a pictograph with everything joined to it. */
const EMOJI =
  /\p{RI}{2}|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f|\u200d\p{Extended_Pictographic})*/u

/** The first letter or digit of a name, else its first emoji. */
export function initial(name: string): string {
  return LETTER.exec(name)?.[0] ?? EMOJI.exec(name)?.[0] ?? '•'
}
