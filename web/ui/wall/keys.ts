// Keyboard shortcuts: `f` for full screen, `j` and `k` for the next and previous post (inside posts also Page Down and
// Page Up), Escape to close. Letters can be turned off, for users of speech input (WCAG 2.2, 2.1.4).

import { hasLetterKeys, isTyped } from '../lib/letter_keys'

const STEPS: Record<string, 1 | -1> = { j: 1, k: -1, PageDown: 1, PageUp: -1 }

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

function closeOpened(target: EventTarget | null): void {
  const opened = target instanceof Element && target.closest<HTMLDetailsElement>('.feed details[open]')
  if (!opened) return
  opened.open = false
  opened.querySelector('summary')?.focus()
}

/** Enter or leave full screen; the browser may refuse. */
export function toggleFullScreen(): void {
  const done = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.({ navigationUI: 'hide' })
  done?.catch(() => undefined)
}

/** Focus the next or previous post; from outside the posts, the first visible one. */
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
