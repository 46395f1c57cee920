// The network as lib/live.ts wants it, and the browser's own WebSocket, EventSource and fetch in that shape.
import type { Batch } from './types'

export interface Socket {
  close(): void
}

export interface Handlers {
  open(): void
  message(text: string): void
  close(code: number): void
}

/** The browser's network and clock, which tests replace. */
export interface Transport {
  socket(path: string, handlers: Handlers): Socket
  events(path: string, handlers: Handlers): Socket
  get(path: string): Promise<Batch>
  now(): number
  random(): number
  later(run: () => void, ms: number): () => void
}

/** The server answered, and there is no such wall any more. */
export class NoSuchWall extends Error {}

const NOT_FOUND = 404

const PATIENCE = 10_000
const BROKEN = 1006

export const browserTransport: Transport = {
  socket(path: string, handlers: Handlers): Socket {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path)
    socket.onopen = () => handlers.open()
    socket.onmessage = (event) => handlers.message(String(event.data))
    socket.onclose = (event) => handlers.close(event.code)
    return socket
  },
  events(path: string, handlers: Handlers): Socket {
    const source = new EventSource(path)
    source.onopen = () => handlers.open()
    source.onmessage = (event) => handlers.message(String(event.data))
    source.onerror = () => handlers.close(BROKEN)
    return source
  },
  async get(path: string): Promise<Batch> {
    const reply = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) })
    // Whatever stands between us and the server may find nothing, too; only the server's own word counts.
    const isItsWord = reply.headers.get('content-type')?.startsWith('application/json')
    if (reply.status === NOT_FOUND && isItsWord) throw new NoSuchWall()
    if (!reply.ok) throw new Error(`The wall answered ${reply.status}.`)
    return (await reply.json()) as Batch
  },
  now: () => Date.now(),
  random: () => Math.random(),
  later(run: () => void, ms: number): () => void {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
