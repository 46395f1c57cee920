// Connects the page to the server: the live connection, and the offline copy.
import { offlineCopy } from './shared'
import { newer, type OfflineCopy } from '../live/offline_copy'
import { Live, type Listener } from '../live/live'
import { paced } from '../live/throttle'
import type { WireRecord } from '../live/types'
import { browserTransport } from '../live/transport'
import type { WallPage } from './page.svelte'

/** Corrects the browser's caches. Loaded when a post is first removed. */
const caching = () => import('./caching')

const KEEP_AFTER = 1_500
/** The minimum time between changes of the page in a burst (ms), so that it can still be read. */
const MIN_INTERVAL = 400

/** Start from the newer of the page and the offline copy, and follow the wall from there. */
export function follow(page: WallPage): Live {
  const copy = offlineCopy()
  const kept = page.boot.nuggets ? null : copy.kept()
  const { at, known: newest } = newer({ at: page.now, known: page.known }, kept)
  const known = copy.without(newest)
  page.adopt(known)
  copy.clearTombstones(known.epoch, known.posts)
  const position = { epoch: known.epoch, seq: known.seq, heard: at }
  const base = `/api/walls/${encodeURIComponent(page.boot.slug)}`
  const live = new Live(base, position, browserTransport, listenerOf(page, copy))
  live.start()
  return live
}

/** A listener that passes records to the page, throttled and in order, and updates the offline copy. */
function listenerOf(page: WallPage, copy: OfflineCopy): Listener {
  const keepSoon = keeping(page, copy)
  const arrive = paced<() => void>((all) => {
    for (const tell of all) tell()
    keepSoon()
  }, MIN_INTERVAL)
  keepSoon()
  return {
    records: (records, seq) => {
      remember(copy, page.known.epoch, records)
      const gone = new Set(takenAway(records))
      if (gone.size) forget(page, (key) => !gone.has(key))
      arrive(() => page.records(records, seq))
    },
    snapshot: (batch) => {
      const there = new Set(batch.records.map((record) => record.key))
      quietly(caching().then(({ correct }) => correct(location.pathname, (key) => there.has(key))))
      arrive(() => page.snapshot(batch))
    },
    state: (up, heard) => page.state(up, heard),
    removed: () => {
      forget(page, () => false)
      arrive(() => page.removed())
    },
  }
}

/** Store the offline copy, soon or when the page is hidden. A page of nuggets has too little for one. */
function keeping(page: WallPage, copy: OfflineCopy): () => void {
  if (page.boot.nuggets) return () => undefined
  let due: number | undefined
  const keep = () => {
    clearTimeout(due)
    due = undefined
    copy.keep(page.known, Date.now())
  }
  document.addEventListener('visibilitychange', () => {
    if (due !== undefined && document.visibilityState === 'hidden') keep()
  })
  return () => {
    due ??= setTimeout(keep, KEEP_AFTER)
  }
}

function takenAway(records: WireRecord[]): string[] {
  return records.filter(({ kind, body }) => kind === 'post' && body === null).map(({ key }) => key)
}

/** Remove posts and their pictures from the browser's caches, as far as the page knows them. */
function forget(page: WallPage, stays: (key: string) => boolean): void {
  const { posts, pins = [] } = page.known
  const bodies = [...posts, ...pins].filter((post) => !stays(post.key)).map((post) => post.body)
  quietly(caching().then(({ correct }) => correct(location.pathname, stays)))
  quietly(caching().then(({ forgetPictures }) => forgetPictures(bodies)))
}

/** Ignore failures: the browser's storage may be disabled. */
function quietly(work: Promise<unknown>): void {
  work.catch(() => undefined)
}

/** Store tombstones at once: an older copy of the page must never show a removed post again. */
function remember(copy: OfflineCopy, epoch: string, records: WireRecord[]): void {
  const posts = records.filter((record) => record.kind === 'post')
  const gone = posts.filter((record) => record.body === null)
  const shown = posts.filter((record) => record.body !== null)
  if (gone.length) copy.remove(epoch, gone)
  if (shown.length) copy.clearTombstones(epoch, shown)
}
