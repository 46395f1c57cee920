import { expect, test } from 'vitest'
import { directionOf, directionOfHtml } from '../lib/direction'

const mention = '<span><a href="https://a.example/@ada">@<span>ada</span></a></span>'

test.each([
  [`<p>${mention} شكرًا لكم</p>`, 'ar', 'rtl'],
  [`<p><a class="hashtag" href="/t">#socitm09</a> צילמתי את זה</p>`, 'he', 'rtl'],
  ['<p><a href="https://example.org">example.org</a> ראו</p>', '', 'rtl'],
  [`<p>${mention} thank you</p>`, 'ar', 'ltr'],
  ['<p>Merci &amp; شكرًا</p>', 'fr', 'ltr'],
  [`<p>${mention}</p>`, 'fa-IR', 'rtl'],
  [`<p>${mention} 12 &amp; 13</p>`, 'en', 'auto'],
  ['', '', 'auto'],
])('%s in %s runs %s', (html, lang, direction) => {
  expect(directionOfHtml(html, lang)).toBe(direction)
})

test('text that is not HTML are read likewise', () => {
  expect(directionOf('@ada #tag https://a.example/x שלום')).toBe('rtl')
  expect(directionOf('mail@quay.example שלום')).toBe('ltr')
})
