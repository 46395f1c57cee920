// Keeps the wall readable while the server is unavailable: pages come from the network first, immutable files from the
// cache first. Removed posts are hidden by the page itself.
const PAGES = 'pages-1'
const FILES = 'files-1'
const MAX_FILES = 400
const NETWORK_TIMEOUT = 5000
/** Statuses of a removed wall, whose copies must not be shown again. */
const GONE = [404, 410]
/** Cached pages: the list of walls, and each wall. */
const CACHED_PATHS = /^\/(w\/[^/]+)?$/

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(begin()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate' && CACHED_PATHS.test(url.pathname))
    event.respondWith(networkFirst(request, url))
  else if (/^\/(assets|media)\//.test(url.pathname)) event.respondWith(cacheFirst(request))
})

async function begin() {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name !== PAGES && name !== FILES).map((name) => caches.delete(name)),
  )
  await self.clients.claim()
  const visited = (await self.clients.matchAll()).map((client) => new URL(client.url).pathname)
  for (const path of new Set(['/', ...visited])) await keepFirstVisit(path)
}

/** The page that registered us came before us: fetch it and what it names once more, from the browser's own cache. The
    list of walls, too, so that an app that is opened anywhere without a network shows something. */
async function keepFirstVisit(path) {
  if (!CACHED_PATHS.test(path)) return
  const page = await fetch(path).catch(() => null)
  if (!page?.ok) return
  await (await caches.open(PAGES)).put(path, page.clone())
  const files = new Set((await page.text()).match(/\/assets\/[\w./-]+/g) ?? [])
  const cache = await caches.open(FILES)
  await Promise.allSettled([...files].map((file) => cache.add(file)))
}

async function networkFirst(request, url) {
  const cache = await caches.open(PAGES)
  try {
    const reply = await fetch(request, { signal: AbortSignal.timeout(NETWORK_TIMEOUT) })
    if (reply.ok && !url.searchParams.has('nuggets')) await cache.put(url.pathname, reply.clone())
    if (GONE.includes(reply.status)) await cache.delete(url.pathname)
    if (reply.status < 500) return reply
    return (await cache.match(url.pathname)) ?? reply
  } catch (error) {
    const kept = await cache.match(url.pathname)
    if (kept) return kept
    throw error
  }
}

async function cacheFirst(request) {
  const cache = await caches.open(FILES)
  const kept = await cache.match(request)
  if (kept) return kept
  const reply = await fetch(request)
  if (reply.ok && reply.status === 200) {
    await cache.put(request, reply.clone())
    await forgetOldest(cache)
  }
  return reply
}

async function forgetOldest(cache) {
  const pictures = (await cache.keys()).filter((request) =>
    new URL(request.url).pathname.startsWith('/media/'),
  )
  await Promise.all(
    pictures.slice(0, Math.max(0, pictures.length - MAX_FILES)).map((request) => cache.delete(request)),
  )
}
