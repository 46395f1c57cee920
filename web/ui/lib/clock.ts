// The page's only timer.

/** Call `tick` at every whole second, until the returned function is called. */
export function everySecond(tick: (now: number) => void): () => void {
  let timer = 0
  const next = () => {
    const now = Date.now()
    tick(now)
    timer = window.setTimeout(next, 1000 - (now % 1000) + 5)
  }
  next()
  return () => clearTimeout(timer)
}
