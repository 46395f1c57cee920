import { expect, test } from 'vitest'
import { setWords, withNamesApart } from '../lib/setting'

const tag = (name: string) =>
  `<a class="mention hashtag" href="https://m.example/tags/${name}" target="_blank">#<span>${name}</span></a>`
const quiet = (...names: string[]) => `<span class="tags">${names.map(tag).join(' ')}</span>`

const own = `<span class="own">${tag('conf').replace('<a ', '<a tabindex="-1" ')}</span>`

test.each([
  ['its own line', `<p>Words</p><p>${tag('Conf')}</p>`, '<p>Words</p>'],
  ['behind a sentence', `<p>Words. ${tag('conf')}</p>`, '<p>Words.</p>'],
  ['behind a sentence of Hindi', `<p>धन्यवाद। ${tag('conf')}</p>`, '<p>धन्यवाद।</p>'],
  [
    'behind an emoji',
    `<p>Words <img class="emoji" alt=":x:" src="/media/x/s.webp"> ${tag('conf')}</p>`,
    '<p>Words <img class="emoji" alt=":x:" src="/media/x/s.webp"></p>',
  ],
  ['a line', `<p>Words<br>${tag('conf')}</p>`, '<p>Words</p>'],
  ['of a sentence', `<p>Thanks to all at ${tag('conf')}</p>`, `<p>Thanks to all at ${own}</p>`],
  ['behind a comma', `<p>Good morning, ${tag('conf')}</p>`, `<p>Good morning, ${own}</p>`],
  ['beside others', `<p>Words ${tag('conf')} ${tag('tide')}</p>`, `<p>Words ${quiet('tide')}</p>`],
  [
    'a line that runs left',
    `<p>Words</p><p dir="rtl">${tag('conf')} ${tag('a')}</p>`,
    `<p>Words</p><p dir="rtl">${quiet('a')}</p>`,
  ],
  [
    'a line of many',
    `<p>Words</p><p>${tag('a')}<br>${tag('conf')}${tag('b')}</p>`,
    `<p>Words</p><p>${quiet('a', 'b')}</p>`,
  ],
  ['the middle', `<p>At ${tag('conf')} today</p>`, `<p>At ${tag('conf')} today</p>`],
  ['nothing else', `<p>${tag('conf')}</p>`, `<p>${tag('conf')}</p>`],
])("the wall's own hashtag: %s", (_, html, set) => {
  expect(setWords(html, { tag: 'conf' })).toBe(set)
})

test('without a hashtag of the wall all closing tags are quiet', () => {
  expect(setWords(`<p>Words! ${tag('conf')}</p>`, {})).toBe(`<p>Words! ${quiet('conf')}</p>`)
})

test('a hashtag longer than a line may be broken between its words, a short one never', () => {
  const long = tag('TheFourteenthConferenceOnHarbours2026')
  expect(setWords(`<p>See ${long} there, at ${tag('Harbour26')} now</p>`, {})).toBe(
    `<p>See ${long.replace(/>The.*2026/, '>The<wbr>Fourteenth<wbr>Conference<wbr>On<wbr>Harbours<wbr>2026')} there, at ${tag('Harbour26')} now</p>`,
  )
})

test('names in plain words have a direction of their own, those of links have one already', () => {
  const html = `<p>@ada شكرا ${tag('conf')} <a href="https://m.example/@bo">@bo</a> a@b.example</p>`
  expect(withNamesApart(html)).toBe(
    `<p><bdi>@ada</bdi> شكرا ${tag('conf')} <a href="https://m.example/@bo"><bdi>@bo</bdi></a> a@b.example</p>`,
  )
})

const link = (address: string) => `<a href="${address}" target="_blank">${address}</a>`
const shown = (html: string) =>
  html
    .replace(/<span class="invisible">.*?<\/span>/g, '')
    .replace(/<span class="ellipsis">(.*?)<\/span>/g, '$1…')
    .replace(/<[^>]*>/g, '')

test.each([
  ['https://www.example.org/', 'example.org'],
  ['https://example.org/programme', 'example.org/programme'],
  ['https://www.example.org/programme/2009/day-one/keynote', 'example.org/programme/2009/day-…'],
  [
    'http://example.org/?a=1&amp;b=2&amp;c=3&amp;d=4&amp;e=5&amp;f=6',
    'example.org/?a=1&amp;b=2&amp;c=3&amp;d=4&amp;e=…',
  ],
])('of %s is seen %s', (address, short) => {
  const set = setWords(`<p>See ${link(address)}</p>`, {})
  expect(shown(set)).toBe(`See ${short}`)
  expect(set.replace(/<[^>]*>/g, '')).toBe(`See ${address}`)
})

test('an address that a card shows is not said again, one of something else is', () => {
  const html = `<p>See: ${link('https://example.org/tide')}</p>`
  expect(setWords(html, { card: 'https://example.org/tide/' })).toBe('<p>See:</p>')
  expect(shown(setWords(html, { card: 'https://example.org/pier' }))).toBe('See: example.org/tide')
  const sentence = `<p>I never visit ${link('https://example.org/tide')}</p>`
  expect(shown(setWords(sentence, { card: 'https://example.org/tide' }))).toBe(
    'I never visit example.org/tide',
  )
})

test('the address before closing tags is one that closes the post', () => {
  const html = `<p>See</p><p>${link('https://example.org/tide')}</p><p>${tag('a')}</p>`
  expect(setWords(html, { card: 'https://example.org/tide' })).toBe(`<p>See</p><p>${quiet('a')}</p>`)
})

test.each([
  ['behind a sentence', `Notes: ${link('https://x.org/a')} ${tag('conf')}`, 'Notes:'],
  ['behind words', `New notes ${link('https://x.org/a')} ${tag('conf')} ${tag('tide')}`, 'New notes #tide'],
  [
    'before the hashtag of a sentence',
    `See you at ${tag('conf')} ${link('https://x.org/a')}`,
    'See you at #conf',
  ],
  ['of several', `Compare ${link('https://x.org/a')} ${link('https://x.org/b')}`, 'Compare x.org/a x.org/b'],
  ['of something else', `New notes ${link('https://x.org/b')} ${tag('conf')}`, 'New notes x.org/b'],
  ['above a line of hashtags', `New notes ${link('https://x.org/a')}</p><p>${tag('conf')}`, 'New notes'],
  ['and nothing else', `${link('https://x.org/a')} ${tag('conf')}`, 'x.org/a #conf'],
])("the card's address and the wall's hashtag: %s", (_, words, seen) => {
  expect(shown(setWords(`<p>${words}</p>`, { tag: 'conf', card: 'https://x.org/a' }))).toBe(seen)
})

test('every ending keeps the words, other addresses and other hashtags, in their order', () => {
  const [CARD, OTHER] = ['https://x.org/a', 'https://x.org/b']
  const [A, B] = [link(CARD), link(OTHER)]
  const ends = [A, B, tag('conf'), tag('tide'), 'and', '</p><p>', '<br>']
  const all = (length: number): string[][] =>
    length ? all(length - 1).flatMap((some) => ends.map((end) => [...some, end])) : [[]]
  const words = (html: string) =>
    html
      .replace(/<(?!\/?span)[^>]*>/g, ' ')
      .replace(/<[^>]*>/g, '')
      .split(/\s+/)
      .filter(Boolean)
  const droppable = new Set(['#conf', CARD])
  for (const end of [1, 2, 3].flatMap(all))
    for (const before of ['Some words', 'A sentence.', '']) {
      const html = `<p>${before} ${end.join(' ')}</p>`
      const set = setWords(html, { tag: 'conf', card: CARD })
      const left = words(set)
      for (const word of words(html))
        if (left[0] === word) left.shift()
        else expect([html, droppable.has(word)]).toEqual([html, true])
      expect([html, left]).toEqual([html, []])
    }
})

test.each([
  ['https://www.example.org/programme/2009/day-one', 'example.org/programme/2009/day-…'],
  ['(at https://example.org/a_(b)).', '(at example.org/a_(b)).'],
  ['https://example.org/?a=1&amp;b=2, and', 'example.org/?a=1&amp;b=2, and'],
  ['“https://example.org/&quot;x', '“example.org&quot;x'],
  ['<code>https://example.org/programme/2009/day-one</code>', 'https://example.org/programme/2009/day-one'],
  ['https://', 'https://'],
])('an address that the network did not link is linked and short: %s', (words, short) => {
  expect(shown(setWords(`<p>See ${words}</p>`, {}))).toBe(`See ${short}`)
})

test('a linked address is as safe as those of the network', () => {
  const url = 'https://example.org/a'
  const [opening] = /<a [^>]*>/.exec(setWords(`<p>See ${url}"onclick=x there</p>`, {})) ?? []
  expect(opening).toBe(`<a href="${url}" target="_blank" rel="nofollow noopener noreferrer ugc">`)
})

test('an address in plain text that a card shows is not said again', () => {
  const html = `<p>Notes: https://x.org/a ${tag('conf')}</p>`
  expect(setWords(html, { tag: 'conf', card: 'https://x.org/a' })).toBe('<p>Notes:</p>')
})

test('addresses that close a post are marked, those within its words are not', () => {
  const [a, b] = [link('https://example.org/a'), link('https://example.org/b')]
  const marked = (html: string) => setWords(html, {}).match(/data-closing href="[^"]*/g) ?? []
  expect(marked(`<p>See ${a} there: ${b}</p>`)).toEqual(['data-closing href="https://example.org/b'])
  expect(marked(`<p>See</p><p>${a}<br>${b}</p><p>${tag('tide')}</p>`)).toHaveLength(2)
  expect(marked(`<p>${a}</p>`)).toEqual([])
})

test('a link with words of its own stays as it is', () => {
  const html = '<p>The <a href="https://example.org/tide">tide table</a></p>'
  expect(setWords(html, { card: 'https://example.org/tide' })).toBe(html)
})

test.each([
  'https://x.org/a and then this is what I want to say: room B at noon',
  'https://x.org: the keynote moves to room B at noon',
  'https://x.org/<span class="hashtag" dir="rtl">zzzzzzzzzzzzzzzzzzzzzzzz</span>',
  'https://x.org/a/<b>bold letters that go on and on</b>',
])('what only begins like an address stays as it is: %s', (words) => {
  const html = `<p>See: <a href="https://x.org/">${words}</a></p>`
  expect(setWords(html, {}).replace(' data-closing', '')).toBe(html)
})

test('an address alone stays, card or not', () => {
  expect(shown(setWords(`<p>${link('https://example.org/')}</p>`, { card: 'https://example.org/' }))).toBe(
    'example.org',
  )
})

test('long posts without an end are set in no time', () => {
  const html = `<p>${`${tag('a')} word `.repeat(400)}${'<a href="https://example.org/x">https://example.org/x</a> '.repeat(400)}`
  const plain = `https://x.org/${').'.repeat(10_000)}(`
  const begun = performance.now()
  setWords(html, { tag: 'conf', card: 'https://example.org/y' })
  setWords(`<p>${plain}</p>`, {})
  setWords(`<p>${tag('a')}</p>`.repeat(400), {})
  expect(performance.now() - begun).toBeLessThan(1_000)
})
