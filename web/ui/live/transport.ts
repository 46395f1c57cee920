// The interface to the network for live.ts, and its implementation by WebSocket, EventSource and fetch.
import type { Batch } from './types'

export interface Connection {
  close(): void
}

export interface Handlers {
  open(): void
  message(text: string): void
  close(code: number): void
}

/** The browser's network and clock; tests replace it. */
export interface Transport {
  socket(path: string, handlers: Handlers): Connection
  events(path: string, handlers: Handlers): Connection
  get(path: string): Promise<Batch>
  now(): number
  random(): number
  later(run: () => void, ms: number): () => void
}

/** The server answered that there is no such wall. */
export class NoSuchWall extends Error {}

const NOT_FOUND = 404

const REQUEST_TIMEOUT = 10_000
const BROKEN = 1006

export const browserTransport: Transport = {
  socket(path: string, handlers: Handlers): Connection {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path)
    socket.onopen = () => handlers.open()
    socket.onmessage = (event) => handlers.message(String(event.data))
    socket.onclose = (event) => handlers.close(event.code)
    return socket
  },
  events(path: string, handlers: Handlers): Connection {
    const source = new EventSource(path)
    source.onopen = () => handlers.open()
    source.onmessage = (event) => handlers.message(String(event.data))
    source.onerror = () => handlers.close(BROKEN)
    return source
  },
  async get(path: string): Promise<Batch> {
    const reply = await fetch(path, { signal: AbortSignal.timeout(REQUEST_TIMEOUT) })
    // A proxy may answer 404, too; only the server's own reply counts.
    const isItsWord = reply.headers.get('content-type')?.startsWith('application/json')
    if (reply.status === NOT_FOUND && isItsWord) throw new NoSuchWall()
    if (!reply.ok) throw new Error(`The server answered ${reply.status}.`)
    return (await reply.json()) as Batch
  },
  now: () => Date.now(),
  random: () => Math.random(),
  later(run: () => void, ms: number): () => void {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
