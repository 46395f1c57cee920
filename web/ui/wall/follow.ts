// Connects the page to the server: the live connection, and the offline copy.
import { offlineCopy } from './shared'
import { correct } from '../live/page_cache'
import { newer, type OfflineCopy } from '../live/offline_copy'
import { Live, type Listener } from '../live/live'
import { paced } from '../live/throttle'
import { forgetPictures } from '../live/picture_cache'
import type { Body, WireRecord } from '../live/types'
import { browserTransport } from '../live/transport'
import type { WallPage } from './page.svelte'

const KEEP_AFTER = 1_500
/** The minimum time between changes of the page in a burst (ms), so that it can still be read. */
const MIN_INTERVAL = 400

/** Start from the newer of the page and the offline copy, and follow the wall from there. */
export function follow(page: WallPage): Live {
  const copy = offlineCopy()
  const { at, known: newest } = newer({ at: page.now, known: page.known }, copy.kept())
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
      if (gone.size) quietly(correct(location.pathname, (key) => !gone.has(key)))
      quietly(forgetPictures(bodies(page, gone)))
      arrive(() => page.records(records, seq))
    },
    snapshot: (batch) => {
      const there = new Set(batch.records.map((record) => record.key))
      quietly(correct(location.pathname, (key) => there.has(key)))
      arrive(() => page.snapshot(batch))
    },
    state: (up, heard) => page.state(up, heard),
    removed: () => {
      const all = new Set(page.known.posts.map((post) => post.key))
      quietly(correct(location.pathname, () => false))
      quietly(forgetPictures(bodies(page, all)))
      arrive(() => page.removed())
    },
  }
}

/** Store the offline copy, soon or when the page is hidden. */
function keeping(page: WallPage, copy: OfflineCopy): () => void {
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

/** What the page knows of removed posts. */
function bodies(page: WallPage, gone: ReadonlySet<string>): Body[] {
  return page.known.posts.filter((post) => gone.has(post.key)).map((post) => post.body)
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
