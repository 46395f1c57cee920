// Connects a queue to its wall's desk: the live channel, and the older posts page by page.
import { Problem, request } from '../../lib/api'
import { deskOf, olderPosts } from '../../lib/moderation'
import { Live, type Listener } from '../../live/live'
import { paced } from '../../live/throttle'
import { browserTransport, NoSuchWall, type Transport } from '../../live/transport'
import type { Batch } from '../../live/types'
import type { QueueState } from './queue.svelte'

/** Posts that are loaded by themselves, and with each wish for more, as when one comes near the end of the list. */
export const LOADED_AT_ONCE = 6_000
/** The minimum time between two changes of the page in a burst (ms). */
const MIN_INTERVAL = 60
/** The pause before an older page is requested again (ms). */
const RETRY_AFTER = 5_000
const REFUSED_SOCKET = [4401, 4403]
const REFUSED = ['not_signed_in', 'permission_denied']

/** Follow the channel. `refused` is told that this person may not follow it, or not any more. */
export function follow(slug: string, queue: QueueState, refused: () => void): Live {
  const loader = new Loader(slug, queue)
  queue.loadOn = () => void loader.run()
  const position = { epoch: '', seq: -1, heard: 0 }
  const live = new Live(deskOf(slug), position, transportFor(refused), listenerOf(queue, loader))
  live.start()
  return live
}

/** Loads older posts, page by page, until all are there or enough for now. */
class Loader {
  #isBusy = false

  constructor(
    private readonly slug: string,
    private readonly queue: QueueState,
  ) {}

  async run(): Promise<void> {
    if (this.#isBusy) return
    const { queue } = this
    this.#isBusy = true
    queue.isPaused = false
    const enough = queue.known.posts.length + LOADED_AT_ONCE
    while (!queue.isEnded && queue.known.reach && queue.known.posts.length < enough)
      await queue.loadOlder((last) => olderPosts(this.slug, last)).catch(() => pause(RETRY_AFTER))
    this.#isBusy = false
    queue.isPaused = queue.known.reach !== null
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** Records reach the queue in order; in a burst, several at once. */
function listenerOf(queue: QueueState, loader: Loader): Listener {
  const arrive = paced<() => void>((all) => {
    for (const tell of all) tell()
  }, MIN_INTERVAL)
  return {
    records: (records, seq) => arrive(() => queue.records(records, seq)),
    snapshot: (batch) =>
      arrive(() => {
        queue.snapshot(batch)
        void loader.run()
      }),
    state: (up, heard) => queue.state(up, heard),
    removed: () => arrive(() => queue.removed()),
  }
}

/** The browser's, with refusals told apart: a refused WebSocket is closed with 4000 and the HTTP status. */
function transportFor(refused: () => void): Transport {
  return {
    ...browserTransport,
    socket: (path, handlers) =>
      browserTransport.socket(path, {
        ...handlers,
        close: (code) => {
          if (REFUSED_SOCKET.includes(code)) refused()
          handlers.close(code)
        },
      }),
    async get(path: string): Promise<Batch> {
      try {
        return await request<Batch>('GET', path)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        if (error.code === 'not_found') throw new NoSuchWall()
        if (REFUSED.includes(error.code)) refused()
        throw error
      }
    },
  }
}
