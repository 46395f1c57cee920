import { expect, test } from 'vitest'
import { dwell, MAX_PENDING, Queue, type Waiting } from '../lib/queue'

const post = (key: string, letters = 100): Waiting => ({ key, letters, picture: false })

/** A queue with a clock of its own: `until(ms)` lets time pass, `shown` notes what came when. */
function queue(columns = 3, isThere = (_: string) => true) {
  const due: { at: number; run: () => void }[] = []
  const shown: [string, number][] = []
  let now = 0
  const show = (key: string) => isThere(key) && Boolean(shown.push([key, now]))
  const made = new Queue(
    show,
    () => columns,
    (run, ms) => due.push({ at: now + ms, run }),
  )
  const until = (end: number) => {
    for (;;) {
      due.sort((a, b) => a.at - b.at)
      if (!due.length || due[0]!.at > end) return void (now = end)
      const { at, run } = due.shift()!
      now = at
      run()
    }
  }
  return { queue: made, shown, until }
}

test('after a quiet moment a post is shown at once', () => {
  const { queue: made, shown, until } = queue()
  made.add([post('a')])
  until(60_000)
  made.add([post('b')])
  expect(shown).toEqual([
    ['a', 0],
    ['b', 60_000],
  ])
})

test('in a burst each post has its turn, the oldest first, and stands until it can be read', () => {
  const { queue: made, shown, until } = queue(3)
  made.add([...'abcdefghijkl'].map((key) => post(key)))
  until(60_000)
  expect(shown.map(([key]) => key).join('')).toBe('abcdefghijkl')
  const times = shown.map(([, at]) => at)
  const steps = times.slice(1).map((at, index) => at - times[index]!)
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(1_000)
  expect(times.at(-1)).toBeLessThan(30_000)
})

test('longer posts, and those with a picture, stand longer; with many behind them less', () => {
  const short = { letters: 20, picture: false }
  const long = { letters: 150, picture: false }
  expect(dwell(long)).toBeGreaterThan(dwell(short))
  expect(dwell({ ...long, picture: true })).toBeGreaterThan(dwell(long))
  expect(dwell(long, 12)).toBe(dwell(long) / 2)
  expect(dwell({ letters: 100_000, picture: true })).toBe(dwell({ letters: 5_000, picture: true }))
})

test("what was taken away while it waited takes nobody's time", () => {
  const { queue: made, shown, until } = queue(1, (key) => key !== 'b')
  made.add([post('a'), post('b'), post('c')])
  until(dwell(post('a'), 2))
  expect(shown.map(([key]) => key)).toEqual(['a', 'c'])
})

test('of more than can ever be shown the oldest give up their turn, and nobody forgets them', () => {
  const { queue: made } = queue()
  const all = Array.from({ length: MAX_PENDING + 5 }, (_, at) => post(`k${at}`))
  expect(made.add(all).map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
})

test('a queue that was cleared shows nothing more', () => {
  const { queue: made, shown, until } = queue()
  made.add([post('a'), post('b')])
  made.clear()
  until(60_000)
  expect(shown.map(([key]) => key)).toEqual(['a'])
})
