// How much of the page its sticky head covers: the keyboard's focus stops below it (base.css).

/** Tells the page the height of this part of the head. On a phone the whole has none, and the bar is the head. */
export function covering(part: HTMLElement): () => void {
  const root = document.documentElement
  const seen = new ResizeObserver(() => {
    if (part.offsetHeight) root.style.setProperty('--head', `${part.offsetHeight}px`)
  })
  seen.observe(part)
  return () => seen.disconnect()
}
