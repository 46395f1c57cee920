// A card's exit: it fades where it stood while its neighbours close up. When many leave, all go at once: in a burst,
// hundreds would otherwise fade below the screen and stay in the document.

const CROWD = 300

/** Svelte calls this once for each leaving card, before any has left: the result must be the same for all of them. */
export function leave(card: Element): { duration: number; css: (left: number) => string } {
  const crowded = card.parentElement!.childElementCount > CROWD
  return { duration: crowded ? 0 : 180, css: (left) => `opacity: ${left}` }
}
