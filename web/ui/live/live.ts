// The live connection: it keeps a reader's position on a channel and delivers all records after it, by WebSocket,
// server-sent events or polling.
import type { Batch, Frame, Reset, Position, WireRecord } from './types'
import { NoSuchWall, type Handlers, type Connection, type Transport } from './transport'

export interface Listener {
  /** Records after the reader's position, which is now `seq`. */
  records(records: WireRecord[], seq: number): void
  /** A new snapshot: drop everything before. */
  snapshot(batch: Batch): void
  /** The connection state, and the time of its last message (ms since 1970). */
  state(up: boolean, heard: number): void
  /** The wall was removed: drop everything, the offline copy included. */
  removed(): void
}

/** A reader's position on a channel, and its time (ms since 1970). */
export interface ReaderPosition {
  epoch: string
  seq: number
  heard: number
}

type TransportKind = 'socket' | 'events' | 'polling'

const FIRST_PAUSE = 500
const MAX_PAUSE = 15_000
/** Timeout (ms) of a connection: the server sends a heartbeat every 15 s. */
const HEARTBEAT_TIMEOUT = 40_000
const OPEN_TIMEOUT = 10_000
const POLL_INTERVAL = 4_000
const PAGE = 200
const RESTARTS = 1012
const NO_SUCH_WALL = 4404
/** Failures after which the next transport is tried, and good polls after which the best one is tried again. */
const MAX_FAILURES = 2
const MAX_POLLS = 15
/** Interval (ms) between checks whether a removed wall is back. */
const REMOVED_INTERVAL = 60_000

export class Live {
  readonly #base: string
  readonly #transport: Transport
  readonly #listener: Listener
  #epoch: string
  #seq: number
  #connection: Connection | null = null
  #kind: TransportKind = 'socket'
  #tries = 0
  #unopened = 0
  #polls = 0
  #heard: number
  #up = false
  #ended = false
  #catching = false
  #missing = false
  #removed = false
  #cancel: () => void = () => undefined

  /** `base` is the path of the channel's API, such as `/api/walls/hall`. */
  constructor(base: string, position: ReaderPosition, transport: Transport, listener: Listener) {
    this.#base = base
    this.#epoch = position.epoch
    this.#seq = position.seq
    this.#transport = transport
    this.#listener = listener
    this.#heard = position.heard
  }

  start(): void {
    this.#ended = false
    this.#connect()
  }

  stop(): void {
    this.#ended = true
    this.#disconnect()
  }

  /** The device woke up, came online or is visible again: skip the pause, and don't trust an old connection. */
  wake(): void {
    if (this.#ended || (this.#up && this.#transport.now() - this.#heard < HEARTBEAT_TIMEOUT / 2)) return
    this.#tries = 0
    this.#disconnect()
    if (this.#removed) void this.#checkIfBack()
    else this.#connect()
  }

  /** The device went offline. */
  sleep(): void {
    if (!this.#ended) this.#reconnect(0)
  }

  /** A page of the posts after this one, in the server's order. */
  before({ at, key }: Position): Promise<Batch> {
    return this.#transport.get(
      `${this.#base}/records?before=${encodeURIComponent(at)}&key=${encodeURIComponent(key)}&limit=60`,
    )
  }

  #connect(): void {
    if (this.#kind === 'polling') return void this.#poll()
    const path = `${this.#base}/live?epoch=${encodeURIComponent(this.#epoch)}&since=${this.#seq}`
    let opened = false
    const mine: { connection: Connection | null } = { connection: null }
    const still = () => this.#connection !== null && this.#connection === mine.connection
    const handlers: Handlers = {
      open: () => {
        if (!still()) return
        opened = true
        this.#unopened = 0
        this.#noteMessage()
      },
      message: (text) => {
        if (!still()) return
        opened = true
        this.#tries = this.#unopened = 0
        this.#noteMessage()
        this.#handleMessage(text)
      },
      close: (code) => {
        if (!still()) return
        if (!opened) this.#unopened++
        this.#reconnect(code)
      },
    }
    this.#schedule(OPEN_TIMEOUT, () => handlers.close(0))
    this.#connection = mine.connection =
      this.#kind === 'socket'
        ? this.#transport.socket(path, handlers)
        : this.#transport.events(path, handlers)
  }

  /** A message came: the connection is up, and the next must come within the timeout. */
  #noteMessage(): void {
    this.#reportState(true)
    this.#schedule(HEARTBEAT_TIMEOUT, () => this.#reconnect(0))
  }

  #handleMessage(text: string): void {
    const frame = parse(text)
    if (!frame) return
    if ('reset' in frame || frame.epoch !== this.#epoch) return void this.#catchUp(true)
    if (frame.from > this.#seq) return void this.#catchUp(false)
    this.#deliver(frame.records, frame.to)
  }

  #deliver(records: WireRecord[], to: number): void {
    const fresh = records.filter((record) => record.seq > this.#seq)
    if (to <= this.#seq) return
    this.#seq = to
    this.#listener.records(fresh, to)
  }

  /** Read missed records, one request at a time: a frame that leaves a gap meanwhile causes one more. */
  async #catchUp(anew: boolean): Promise<void> {
    this.#missing = true
    if (this.#catching) return
    this.#catching = true
    try {
      if (anew) await this.#startAnew()
      while (this.#missing) {
        this.#missing = false
        await this.#fetchMissed()
      }
    } catch (error) {
      this.#reconnect(codeOf(error))
    } finally {
      this.#catching = false
    }
  }

  async #startAnew(): Promise<void> {
    const batch = await this.#transport.get(`${this.#base}/records`)
    this.#epoch = batch.epoch
    this.#seq = batch.head
    this.#listener.snapshot(batch)
  }

  /** Check whether the wall exists again: then start from its snapshot. */
  async #checkIfBack(): Promise<void> {
    try {
      await this.#startAnew()
    } catch {
      return this.#schedule(REMOVED_INTERVAL, () => this.#checkIfBack())
    }
    if (this.#ended || !this.#removed) return // two checks may be running
    this.#removed = false
    this.#connect()
  }

  async #fetchMissed(): Promise<void> {
    for (;;) {
      const batch = await this.#transport.get(`${this.#base}/records?since=${this.#seq}&limit=${PAGE}`)
      if (batch.reset || batch.epoch !== this.#epoch || batch.head < this.#seq) return this.#startAnew()
      const last = batch.records.at(-1)
      const whole = batch.records.length < PAGE || !last
      this.#deliver(batch.records, whole ? batch.head : last.seq)
      if (whole) return
    }
  }

  /** The last transport: poll every few seconds, and retry a better one now and then. */
  async #poll(): Promise<void> {
    try {
      await this.#fetchMissed()
      this.#tries = 0
      this.#reportState(true)
    } catch (error) {
      return this.#reconnect(codeOf(error))
    }
    if (this.#ended) return
    if (++this.#polls >= MAX_POLLS) {
      this.#polls = this.#unopened = 0
      this.#kind = 'socket'
    }
    this.#schedule(POLL_INTERVAL * (0.75 + this.#transport.random() / 2), () => this.#connect())
  }

  #reconnect(code: number): void {
    this.#disconnect()
    if (this.#ended) return
    this.#reportState(false)
    if (code === NO_SUCH_WALL && !this.#removed) {
      this.#removed = true
      this.#listener.removed()
    }
    if (this.#removed) return this.#schedule(REMOVED_INTERVAL, () => this.#checkIfBack())
    if (this.#unopened >= MAX_FAILURES) {
      this.#unopened = 0
      this.#kind = this.#kind === 'socket' ? 'events' : this.#kind === 'events' ? 'polling' : 'socket'
    }
    this.#schedule(this.#pause(code), () => this.#connect())
  }

  /** The pause before reconnecting: random after a restart, to spread readers; else doubled each time, with jitter. */
  #pause(code: number): number {
    if (code === RESTARTS) return 200 + this.#transport.random() * 1800
    const most = Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** this.#tries++)
    return most * (0.5 + this.#transport.random() / 2)
  }

  #disconnect(): void {
    this.#cancel()
    const connection = this.#connection
    this.#connection = null
    connection?.close()
  }

  #schedule(ms: number, run: () => void): void {
    this.#cancel()
    this.#cancel = this.#transport.later(run, ms)
  }

  #reportState(up: boolean): void {
    this.#up = up
    if (up) this.#heard = this.#transport.now()
    this.#listener.state(up, this.#heard)
  }
}

/** The close code that corresponds to a failed request. */
const codeOf = (error: unknown) => (error instanceof NoSuchWall ? NO_SUCH_WALL : 0)

function parse(text: string): Frame | Reset | null {
  try {
    return JSON.parse(text) as Frame | Reset
  } catch {
    return null
  }
}
