// The one module that owns the network: it keeps a reader's place on a channel and brings all that comes after it, by
// WebSocket, or server-sent events, or asking again and again. It refuses to know what a record says.
import type { Batch, Frame, Reset, Position, WireRecord } from './types'
import { NoSuchWall, type Handlers, type Socket, type Transport } from './transport'

export interface Listener {
  /** Records after the reader's place, which is now `seq`. */
  records(records: WireRecord[], seq: number): void
  /** All is new: forget what was there. */
  snapshot(batch: Batch): void
  /** Whether the line is up, and when it last said anything (ms since 1970). */
  state(up: boolean, heard: number): void
  /** The wall was removed: forget what was there, and what was kept of it. */
  removed(): void
}

/** Where a reader stands on a channel, and when that was true (ms since 1970). */
export interface Place {
  epoch: string
  seq: number
  heard: number
}

type Way = 'socket' | 'events' | 'asking'

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
/** The server says something every 15 s; twice missed and a bit is a dead line, whatever the browser believes. */
const SILENCE = 40_000
const OPENING = 10_000
const ASK_EVERY = 4_000
const PAGE = 200
const RESTARTS = 1012
const NO_SUCH_WALL = 4404
/** After so many failures to open, try the next way; after so many good askings, try the best one again. */
const GIVE_UP = 2
const ASKINGS = 15
/** How seldom a wall that was removed is looked for. */
const SELDOM = 60_000

export class Live {
  readonly #base: string
  readonly #transport: Transport
  readonly #listener: Listener
  #epoch: string
  #seq: number
  #socket: Socket | null = null
  #way: Way = 'socket'
  #tries = 0
  #unopened = 0
  #askings = 0
  #heard: number
  #up = false
  #ended = false
  #catching = false
  #missing = false
  #removed = false
  #cancel: () => void = () => undefined

  constructor(slug: string, place: Place, transport: Transport, listener: Listener) {
    this.#base = `/api/walls/${encodeURIComponent(slug)}`
    this.#epoch = place.epoch
    this.#seq = place.seq
    this.#transport = transport
    this.#listener = listener
    this.#heard = place.heard
  }

  start(): void {
    this.#ended = false
    this.#connect()
  }

  stop(): void {
    this.#ended = true
    this.#drop()
  }

  /** The device woke up, or came online, or is looked at again: don't wait out the pause, don't trust an old line. */
  wake(): void {
    if (this.#ended || (this.#up && this.#transport.now() - this.#heard < SILENCE / 2)) return
    this.#tries = 0
    this.#drop()
    if (this.#removed) void this.#look()
    else this.#connect()
  }

  /** The device went offline. */
  sleep(): void {
    if (!this.#ended) this.#lost(0)
  }

  /** A page of the posts that come after this one, in the server's order. */
  before({ at, key }: Position): Promise<Batch> {
    return this.#transport.get(
      `${this.#base}/records?before=${encodeURIComponent(at)}&key=${encodeURIComponent(key)}&limit=60`,
    )
  }

  #connect(): void {
    if (this.#way === 'asking') return void this.#ask()
    const path = `${this.#base}/live?epoch=${encodeURIComponent(this.#epoch)}&since=${this.#seq}`
    let opened = false
    const mine: { line: Socket | null } = { line: null }
    const still = () => this.#socket !== null && this.#socket === mine.line
    const handlers: Handlers = {
      open: () => {
        if (!still()) return
        opened = true
        this.#unopened = 0
        this.#hear()
      },
      message: (text) => {
        if (!still()) return
        opened = true
        this.#tries = this.#unopened = 0
        this.#hear()
        this.#read(text)
      },
      close: (code) => {
        if (!still()) return
        if (!opened) this.#unopened++
        this.#lost(code)
      },
    }
    this.#after(OPENING, () => handlers.close(0))
    this.#socket = mine.line =
      this.#way === 'socket' ? this.#transport.socket(path, handlers) : this.#transport.events(path, handlers)
  }

  /** Something came: the line is up, and has until SILENCE to say the next thing. */
  #hear(): void {
    this.#tell(true)
    this.#after(SILENCE, () => this.#lost(0))
  }

  #read(text: string): void {
    const frame = parse(text)
    if (!frame) return
    if ('reset' in frame || frame.epoch !== this.#epoch) return void this.#catchUp(true)
    if (frame.from > this.#seq) return void this.#catchUp(false)
    this.#take(frame.records, frame.to)
  }

  #take(records: WireRecord[], to: number): void {
    const fresh = records.filter((record) => record.seq > this.#seq)
    if (to <= this.#seq) return
    this.#seq = to
    this.#listener.records(fresh, to)
  }

  /** Read what was missed, one reading at a time: a frame that leaves a gap meanwhile asks for one more. */
  async #catchUp(anew: boolean): Promise<void> {
    this.#missing = true
    if (this.#catching) return
    this.#catching = true
    try {
      if (anew) await this.#startAnew()
      while (this.#missing) {
        this.#missing = false
        await this.#askSince()
      }
    } catch (error) {
      this.#lost(codeOf(error))
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

  /** Whether there is a wall of that name again: then all of it is new. */
  async #look(): Promise<void> {
    try {
      await this.#startAnew()
    } catch {
      return this.#after(SELDOM, () => this.#look())
    }
    if (this.#ended || !this.#removed) return // two looks may be under way
    this.#removed = false
    this.#connect()
  }

  async #askSince(): Promise<void> {
    for (;;) {
      const batch = await this.#transport.get(`${this.#base}/records?since=${this.#seq}&limit=${PAGE}`)
      if (batch.reset || batch.epoch !== this.#epoch || batch.head < this.#seq) return this.#startAnew()
      const last = batch.records.at(-1)
      const whole = batch.records.length < PAGE || !last
      this.#take(batch.records, whole ? batch.head : last.seq)
      if (whole) return
    }
  }

  /** The last way: no line at all, a question every few seconds, and now and then a try at something better. */
  async #ask(): Promise<void> {
    try {
      await this.#askSince()
      this.#tries = 0
      this.#tell(true)
    } catch (error) {
      return this.#lost(codeOf(error))
    }
    if (this.#ended) return
    if (++this.#askings >= ASKINGS) {
      this.#askings = this.#unopened = 0
      this.#way = 'socket'
    }
    this.#after(ASK_EVERY * (0.75 + this.#transport.random() / 2), () => this.#connect())
  }

  #lost(code: number): void {
    this.#drop()
    if (this.#ended) return
    this.#tell(false)
    if (code === NO_SUCH_WALL && !this.#removed) {
      this.#removed = true
      this.#listener.removed()
    }
    if (this.#removed) return this.#after(SELDOM, () => this.#look())
    if (this.#unopened >= GIVE_UP) {
      this.#unopened = 0
      this.#way = this.#way === 'socket' ? 'events' : this.#way === 'events' ? 'asking' : 'socket'
    }
    this.#after(this.#pause(code), () => this.#connect())
  }

  /** After a restart all readers come back at once: spread them. Else twice as patient each time, with jitter. */
  #pause(code: number): number {
    if (code === RESTARTS) return 200 + this.#transport.random() * 1800
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries++)
    return most * (0.5 + this.#transport.random() / 2)
  }

  #drop(): void {
    this.#cancel()
    const line = this.#socket
    this.#socket = null
    line?.close()
  }

  #after(ms: number, run: () => void): void {
    this.#cancel()
    this.#cancel = this.#transport.later(run, ms)
  }

  #tell(up: boolean): void {
    this.#up = up
    if (up) this.#heard = this.#transport.now()
    this.#listener.state(up, this.#heard)
  }
}

/** What a question's failure would have been as a line's end. */
const codeOf = (error: unknown) => (error instanceof NoSuchWall ? NO_SUCH_WALL : 0)

function parse(text: string): Frame | Reset | null {
  try {
    return JSON.parse(text) as Frame | Reset
  } catch {
    return null
  }
}
