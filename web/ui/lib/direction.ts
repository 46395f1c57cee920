// The direction of a text. Leading mentions, hashtags and links don't count.

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u
const LANGUAGES = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'nqo', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi'])
const NAMES_AND_ADDRESSES = /https?:\/\/\S+|(?<![\p{L}\p{N}])[@#]\S+/gu

export type Direction = 'ltr' | 'rtl' | 'auto'

/** The direction of the first letter of the text's own words, else of its language, else `auto`. */
export function directionOf(text: string, lang = ''): Direction {
  const letter = /\p{L}/u.exec(text.replace(NAMES_AND_ADDRESSES, ' '))?.[0]
  if (letter) return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr'
  return LANGUAGES.has(lang.toLowerCase().split('-')[0]!) ? 'rtl' : 'auto'
}

/** The same for HTML, without its links: they are names and URLs. */
export function directionOfHtml(html: string, lang = ''): Direction {
  const own = html.replace(/<a\b[^>]*>.*?<\/a>/gsu, ' ').replace(/<[^>]*>|&#?\w+;/gu, ' ')
  return directionOf(own, lang)
}
