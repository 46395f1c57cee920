// Throttling: the first records after a quiet moment are passed on at once, later ones in batches.

type Later = (run: () => void, ms: number) => unknown

/** A function that passes its arguments to `take`, in order, at most once every `ms`. */
export function paced<T>(take: (all: T[]) => void, ms: number, later: Later = setTimeout): (one: T) => void {
  let waiting: T[] = []
  let resting = false
  const pass = () => {
    if (!waiting.length) return void (resting = false)
    const all = waiting
    waiting = []
    resting = true
    later(pass, ms)
    take(all)
  }
  return (one) => {
    waiting.push(one)
    if (!resting) pass()
  }
}
