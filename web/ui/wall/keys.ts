// The keys of the page: `f` fills the screen, `j` and `k` go from post to post, Page Down and Page Up do so inside them.

const STEPS: Record<string, 1 | -1> = { j: 1, k: -1, PageDown: 1, PageUp: -1 }

export function listenToKeys(): void {
  addEventListener('keydown', (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return
    const step = STEPS[event.key]
    if (event.key === 'f') toggleFullScreen()
    else if (step && (event.key.length === 1 || isInFeed(event.target)) && go(step)) event.preventDefault()
  })
}

/** Asks the browser, which may refuse: then the page stays as it is. */
export function toggleFullScreen(): void {
  const done = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.({ navigationUI: 'hide' })
  done?.catch(() => undefined)
}

/** The next or the previous post gets the focus; from outside the posts, the first one that is seen. */
function go(step: 1 | -1): boolean {
  if (document.documentElement.dataset.mode === 'hall') return false
  const cards = [...document.querySelectorAll<HTMLElement>('.feed > [data-key]')]
  const here = cards.findIndex((card) => card.contains(document.activeElement))
  const head = document.querySelector('.bar, .mast')?.getBoundingClientRect().bottom ?? 0
  const next = here < 0 ? cards.find((card) => card.getBoundingClientRect().top >= head) : cards[here + step]
  next?.focus()
  return Boolean(next)
}

const isInFeed = (target: EventTarget | null) => target instanceof Element && Boolean(target.closest('.feed'))

function isTyped(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  )
}
