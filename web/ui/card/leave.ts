// How a card goes: it fades where it stood, while its neighbours close up. In a crowd all that leave go at once: in a
// burst, hundreds would otherwise fade below the screen, all of them still in the document.

const CROWD = 300

/** Svelte asks once for each card that leaves, before any has left: the answer must be the same for all of them. */
export function leave(card: Element): { duration: number; css: (left: number) => string } {
  const crowded = card.parentElement!.childElementCount > CROWD
  return { duration: crowded ? 0 : 180, css: (left) => `opacity: ${left}` }
}
