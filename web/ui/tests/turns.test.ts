import { expect, test } from 'vitest'
import type { Post } from '../live/records'
import { Turns } from '../wall/turns.svelte'

const NOW = '2009-10-12T14:05:00.000000Z'
const post = (seq: number, at = NOW): Post => ({ key: `k${seq}`, at, seq, body: {} as Post['body'] })

test('posts of one moment have their turns in the order in which the server had them', () => {
  const later: (() => void)[] = []
  const turns = new Turns(
    60,
    () => true,
    (run) => later.push(run),
  )
  const earlier = post(9, '2009-10-12T14:04:00.000000Z')
  const all = [post(6), post(7), post(5), earlier]
  turns.arrive(all, 20, Date.parse(NOW))
  for (let run = later.shift(); run; run = later.shift()) run()
  expect(turns.order(all).map(({ key }) => key)).toEqual(['k7', 'k6', 'k5', 'k9'])
})
