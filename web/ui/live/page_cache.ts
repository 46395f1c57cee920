// Removes posts from the copies of pages that public/sw.js keeps: a copy is also shown where no script can hide a post.
import { reachOf } from './records'
import type { Boot, WireRecord } from './types'

/** The cache of public/sw.js. */
const PAGES = 'pages-1'

let last: Promise<unknown> = Promise.resolve()

/** Remove posts from the copy of the page at `path`, one update after the other. */
export function correct(path: string, stays: (key: string) => boolean): Promise<void> {
  const mine = last.then(() => correctNow(path, stays))
  last = mine.catch(() => undefined)
  return mine
}

async function correctNow(path: string, stays: (key: string) => boolean): Promise<void> {
  if (typeof caches === 'undefined') return
  const cache = await caches.open(PAGES)
  const copy = await cache.match(path)
  const corrected = copy && without(await copy.text(), stays)
  if (!corrected) return
  // These headers described the old text.
  const headers = new Headers(copy.headers)
  for (const name of ['content-encoding', 'content-length', 'etag']) headers.delete(name)
  await cache.put(path, new Response(corrected, { headers }))
}

/** The page without these posts, neither as cards nor in the boot data; null if nothing changes. */
function without(html: string, stays: (key: string) => boolean): string | undefined {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const boot = page.getElementById('boot')
  if (!boot) return undefined
  const start = JSON.parse(boot.textContent!) as Boot
  const records = start.records.filter((record) => !(isPost(record) || isPin(record)) || stays(record.key))
  if (records.length === start.records.length) return undefined
  const { reach = reachOf(start.records.filter(isPost).map(({ at, key }) => ({ at, key }))) } = start
  boot.textContent = JSON.stringify({ ...start, records, reach }).replaceAll('<', '\\u003c')
  for (const card of page.querySelectorAll<HTMLElement>('[data-key]'))
    if (!stays(card.dataset.key!)) card.remove()
  return `<!doctype html>\n${page.documentElement.outerHTML}`
}

const isPin = (record: WireRecord) => record.kind === 'pin'
const isPost = (record: WireRecord) => record.kind === 'post'
