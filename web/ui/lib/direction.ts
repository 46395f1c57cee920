// Which way a text runs. A post that begins with a mention, a hashtag or a link says nothing of itself by that.

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u
const LANGUAGES = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'nqo', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi'])
const NAMES_AND_ADDRESSES = /https?:\/\/\S+|(?<![\p{L}\p{N}])[@#]\S+/gu

export type Direction = 'ltr' | 'rtl' | 'auto'

/** By the first letter of the text's own words; if it has none, by its language; else as the browser sees fit. */
export function directionOf(text: string, lang = ''): Direction {
  const letter = /\p{L}/u.exec(text.replace(NAMES_AND_ADDRESSES, ' '))?.[0]
  if (letter) return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr'
  return LANGUAGES.has(lang.toLowerCase().split('-')[0]!) ? 'rtl' : 'auto'
}

/** The same for HTML: what stands in links are names and addresses. */
export function directionOfHtml(html: string, lang = ''): Direction {
  const own = html.replace(/<a\b[^>]*>.*?<\/a>/gsu, ' ').replace(/<[^>]*>|&#?\w+;/gu, ' ')
  return directionOf(own, lang)
}
