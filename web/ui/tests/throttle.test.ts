import { expect, test } from 'vitest'
import { paced } from '../live/throttle'

function stage() {
  const told: string[][] = []
  const timers: (() => void)[] = []
  const say = paced<string>(
    (all) => void told.push(all),
    400,
    (run) => timers.push(run),
  )
  return { told, say, pass: () => timers.shift()!(), waiting: () => timers.length }
}

test('the first after a quiet moment is told at once', () => {
  const { told, say } = stage()
  say('a')
  expect(told).toEqual([['a']])
})

test('what follows closely comes together, in order', () => {
  const { told, say, pass } = stage()
  for (const each of ['a', 'b', 'c']) say(each)
  pass()
  expect(told).toEqual([['a'], ['b', 'c']])
})

test('after a quiet moment it begins anew', () => {
  const { told, say, pass, waiting } = stage()
  say('a')
  pass()
  expect(waiting()).toBe(0)
  say('b')
  expect(told).toEqual([['a'], ['b']])
})
