// The keys of the page: `f` fills the screen, `j` and `k` go from post to post, Page Down and Page Up do so inside them,
// Escape closes what was opened there. Letters can be turned off, for those who speak to their machine (WCAG 2.2, 2.1.4).

const STEPS: Record<string, 1 | -1> = { j: 1, k: -1, PageDown: 1, PageUp: -1 }

const OFF = 'backchannel:no-letter-keys'

export function listenToKeys(): void {
  addEventListener('keydown', (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return
    if (event.key === 'Escape') closeOpened(event.target)
    if (event.key.length === 1 && !hasLetterKeys()) return
    const step = STEPS[event.key]
    if (event.key === 'f' && !event.repeat) toggleFullScreen()
    else if (step && (event.key.length === 1 || isInFeed(event.target)) && go(step)) event.preventDefault()
  })
}

/** Whether letters alone do anything here; kept by the browser where it keeps anything. */
export function hasLetterKeys(): boolean {
  try {
    return localStorage.getItem(OFF) === null
  } catch {
    return true
  }
}

export function setLetterKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, 'off')
  } catch {
    // nothing is kept: the keys are on again with the next page
  }
}

function closeOpened(target: EventTarget | null): void {
  const opened = target instanceof Element && target.closest<HTMLDetailsElement>('.feed details[open]')
  if (!opened) return
  opened.open = false
  opened.querySelector('summary')?.focus()
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
