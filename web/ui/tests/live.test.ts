// The line, against a network and a clock that the test moves by hand.
import { describe, expect, test } from 'vitest'
import { Live, type Listener } from '../live/live'
import type { Batch, WireRecord } from '../live/types'
import { NoSuchWall, type Handlers, type Transport } from '../live/transport'

const record = (seq: number): WireRecord => ({ seq, kind: 'post', key: `k${seq}`, at: '', body: {} })
const frame = (from: number, to: number, ...records: WireRecord[]) =>
  JSON.stringify({ epoch: 'e', from, to, records })
const flush = () => new Promise<void>((done) => setTimeout(done))

class Stage implements Transport, Listener {
  time = 0
  lines: { way: string; path: string; handlers: Handlers; closed: boolean }[] = []
  asked: string[] = []
  replies: (Batch | Error)[] = []
  timers: { at: number; run: () => void }[] = []
  told: (number[] | string)[] = []
  up: boolean[] = []
  heard = NaN

  socket = (path: string, handlers: Handlers) => this.#line('socket', path, handlers)
  events = (path: string, handlers: Handlers) => this.#line('events', path, handlers)
  #line(way: string, path: string, handlers: Handlers) {
    const line = { way, path, handlers, closed: false }
    this.lines.push(line)
    return { close: () => void (line.closed = true) }
  }
  async get(path: string): Promise<Batch> {
    this.asked.push(path.replace('/api/walls/a%20wall/', ''))
    const reply = this.replies.shift() ?? new Error('no reply prepared')
    if (reply instanceof Error) throw reply
    return reply
  }
  now = () => this.time
  random = () => 1
  later(run: () => void, ms: number): () => void {
    const timer = { at: this.time + ms, run }
    this.timers.push(timer)
    return () => void (this.timers = this.timers.filter((each) => each !== timer))
  }
  records = (records: WireRecord[], seq: number) =>
    void this.told.push([...records.map((each) => each.seq), seq])
  snapshot = (batch: Batch) => void this.told.push(`snapshot at ${batch.head}`)
  state = (up: boolean, heard: number) => {
    this.up.push(up)
    this.heard = heard
  }
  removed = () => void this.told.push('removed')
  live = new Live('/api/walls/a%20wall', { epoch: 'e', seq: 10, heard: -5000 }, this, this)

  /** Let `ms` pass, and all that is due in it happen. */
  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const due = this.timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.timers = this.timers.filter((each) => each !== due)
      this.time = due.at
      due.run()
    }
    this.time = end
  }
  get connection() {
    return this.lines.at(-1)!
  }
  open(): this {
    this.live.start()
    this.connection.handlers.open()
    return this
  }
}

test('it asks for what came after its place', () => {
  const stage = new Stage().open()
  expect(stage.connection.path).toBe('/api/walls/a%20wall/live?epoch=e&since=10')
  expect(stage.up).toEqual([true])
})

describe('frames', () => {
  test('the next one is handed on', () => {
    const stage = new Stage().open()
    stage.connection.handlers.message(frame(10, 12, record(11), record(12)))
    expect(stage.told).toEqual([[11, 12, 12]])
  })

  test('of one that overlaps only the new part is handed on', () => {
    const stage = new Stage().open()
    stage.connection.handlers.message(frame(8, 11, record(9), record(11)))
    expect(stage.told).toEqual([[11, 11]])
  })

  test('one that is known already, a heartbeat and nonsense say nothing', () => {
    const stage = new Stage().open()
    for (const text of [frame(8, 10, record(10)), frame(10, 10), '{"epoch":'])
      stage.connection.handlers.message(text)
    expect(stage.told).toEqual([])
  })

  test('a gap is read from the records, page by page', async () => {
    const stage = new Stage().open()
    const full = Array.from({ length: 200 }, (_, at) => record(11 + at))
    stage.replies = [
      { epoch: 'e', head: 212, records: full },
      { epoch: 'e', head: 212, records: [record(212)] },
    ]
    stage.connection.handlers.message(frame(211, 212, record(212)))
    await flush()
    expect(stage.asked).toEqual(['records?since=10&limit=200', 'records?since=210&limit=200'])
    expect(stage.told.map((each) => each.at(-1))).toEqual([210, 212])
  })

  test('a second gap while the first is read is read too', async () => {
    const stage = new Stage().open()
    stage.replies = [
      { epoch: 'e', head: 13, records: [record(13)] },
      { epoch: 'e', head: 15, records: [record(15)] },
    ]
    stage.connection.handlers.message(frame(12, 13, record(13)))
    stage.connection.handlers.message(frame(14, 15, record(15)))
    await flush()
    expect(stage.told).toEqual([
      [13, 13],
      [15, 15],
    ])
  })

  test.each([
    ['a reset', '{"reset":true,"epoch":"f","head":3}'],
    ['another epoch', frame(2, 3).replace('"e"', '"f"')],
  ])('%s starts anew from the snapshot', async (_, text) => {
    const stage = new Stage().open()
    stage.replies = [
      { epoch: 'f', head: 3, records: [] },
      { epoch: 'f', head: 3, records: [] },
    ]
    stage.connection.handlers.message(text)
    await flush()
    expect(stage.told).toEqual(['snapshot at 3'])
    stage.connection.handlers.close(1006)
    stage.pass(20_000)
    expect(stage.connection.path).toContain('epoch=f&since=3')
  })

  test('a gap that cannot be read drops the line, and the place stays', async () => {
    const stage = new Stage().open()
    stage.connection.handlers.message(frame(12, 13, record(13)))
    await flush()
    expect([stage.lines[0]!.closed, stage.up.at(-1)]).toEqual([true, false])
    stage.pass(1000)
    expect(stage.connection.path).toContain('since=10')
  })
})

describe('a lost line', () => {
  test('comes back from where it was, each time more patiently, but never later than 15 s', () => {
    const stage = new Stage().open()
    stage.connection.handlers.message(frame(10, 11, record(11)))
    const pauses: number[] = []
    for (let at = 0; at < 8; at++) {
      stage.connection.handlers.open()
      stage.connection.handlers.close(1006)
      const lost = stage.time
      const before = stage.lines.length
      while (stage.lines.length === before) stage.pass(100)
      pauses.push(stage.time - lost)
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
    expect(stage.connection.path).toContain('since=11')
  })

  test('after a restart of the server comes back within two seconds', () => {
    const stage = new Stage().open()
    stage.connection.handlers.close(1012)
    stage.pass(2000)
    expect(stage.lines.length).toBe(2)
  })

  test('asks what became of the wall where no line opens, and hears that it was removed', async () => {
    const stage = new Stage().open()
    for (let tries = 0; tries < 4; tries++) {
      stage.connection.handlers.close(1006)
      stage.pass(15_000)
    }
    for (let tries = 0; tries < 4 && !stage.told.length; tries++) {
      stage.replies = [new NoSuchWall()]
      stage.pass(15_000)
      await flush()
    }
    stage.pass(60_000)
    expect([stage.lines.at(-1)!.way, stage.told]).toEqual(['events', ['removed']])
  })

  test('is seldom looked for where there is no such wall, and all is new once there is one again', async () => {
    const stage = new Stage().open()
    stage.connection.handlers.close(4404)
    stage.replies = [new NoSuchWall(), new Error('away'), { epoch: 'f', head: 3, records: [] }]
    stage.pass(59_000)
    expect([stage.lines.length, stage.asked, stage.told]).toEqual([1, [], ['removed']])
    for (let minute = 0; minute < 3; minute++) {
      stage.pass(60_000)
      await flush()
    }
    expect([stage.asked.length, stage.told]).toEqual([3, ['removed', 'snapshot at 3']])
    expect(stage.connection.path).toContain('epoch=f&since=3')
  })

  test('is what 40 s of silence mean', () => {
    const stage = new Stage().open()
    stage.pass(39_000)
    expect(stage.up).toEqual([true])
    stage.connection.handlers.message(frame(10, 10))
    stage.pass(39_000)
    expect(stage.lines[0]!.closed).toBe(false)
    stage.pass(1000)
    expect([stage.lines[0]!.closed, stage.up.at(-1)]).toEqual([true, false])
  })

  test('says nothing any more, even if its socket does', () => {
    const stage = new Stage().open()
    stage.live.sleep()
    stage.lines[0]!.handlers.message(frame(10, 11, record(11)))
    expect(stage.told).toEqual([])
  })
})

describe('where WebSockets are blocked', () => {
  function blocked(): Stage {
    const stage = new Stage()
    stage.live.start()
    for (let at = 0; at < 2; at++) {
      stage.connection.handlers.close(1006)
      stage.pass(2000)
    }
    return stage
  }

  test('two that never opened lead to server-sent events', () => {
    expect(blocked().lines.map((line) => line.way)).toEqual(['socket', 'socket', 'events'])
  })

  test('one that never answers counts as one that never opened', () => {
    const stage = new Stage()
    stage.live.start()
    stage.pass(25_000)
    expect(stage.lines.map((line) => line.way)).toEqual(['socket', 'socket', 'events'])
  })

  test('and where those are too, to asking every few seconds, and later to another try', async () => {
    const stage = blocked()
    const nothing = { epoch: 'e', head: 10, records: [] }
    stage.replies = [
      { epoch: 'e', head: 11, records: [record(11)] },
      ...Array<Batch>(20).fill({ ...nothing, head: 11 }),
    ]
    for (let at = 0; at < 2; at++) {
      stage.connection.handlers.close(1006)
      stage.pass(5000)
      await flush()
    }
    expect([stage.told, stage.up.at(-1)]).toEqual([[[11, 11]], true])
    for (let at = 0; at < 16; at++) {
      stage.pass(5000)
      await flush()
    }
    expect(stage.connection.way).toBe('socket')
    expect(stage.lines.length).toBe(5)
  })
})

describe('waking', () => {
  test('does not wait out the pause', () => {
    const stage = new Stage().open()
    stage.connection.handlers.close(1006)
    stage.live.wake()
    expect(stage.lines.length).toBe(2)
  })

  test('leaves a line alone that spoke a moment ago, and not one that has long been silent', () => {
    const stage = new Stage().open()
    stage.live.wake()
    expect(stage.lines.length).toBe(1)
    stage.pass(25_000)
    stage.live.wake()
    expect([stage.lines.length, stage.lines[0]!.closed]).toEqual([2, true])
  })

  test('does nothing after the end', () => {
    const stage = new Stage().open()
    stage.live.stop()
    stage.live.wake()
    stage.live.sleep()
    stage.pass(60_000)
    expect([stage.lines.length, stage.lines[0]!.closed]).toEqual([1, true])
  })
})

test('a line that never opened was last heard when what is shown was true', () => {
  const stage = new Stage()
  stage.live.start()
  stage.connection.handlers.close(1006)
  expect([stage.up, stage.heard]).toEqual([[false], -5000])
})

test('older posts are asked for by their moment', async () => {
  const stage = new Stage()
  stage.replies = [{ epoch: 'e', head: 10, records: [] }]
  await stage.live.before({ at: '2009-10-12T09:30:00.000000Z', key: 'k' })
  expect(stage.asked).toEqual(['records?before=2009-10-12T09%3A30%3A00.000000Z&key=k&limit=60'])
})
