// The calm of the page: what comes after a quiet moment is told at once, what follows closely waits and comes together.

type Later = (run: () => void, ms: number) => unknown

/** A function that hands what it is given to `take`, in order, and never twice within `ms`. */
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
