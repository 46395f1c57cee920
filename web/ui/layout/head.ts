// The height of the sticky header: keyboard focus scrolls to below it (base.css).

/** Set the header's height for this part of it. On a phone only the bar is sticky. */
export function covering(part: HTMLElement): () => void {
  const root = document.documentElement
  const seen = new ResizeObserver(() => {
    if (part.offsetHeight) root.style.setProperty('--head', `${part.offsetHeight}px`)
  })
  seen.observe(part)
  return () => seen.disconnect()
}
