// How a card goes: it fades where it stood, while its neighbours close up. What nobody sees goes at once: in a burst,
// hundreds of cards would otherwise fade below the screen, all of them still in the document.

export function leave(card: Element): { duration: number; css: (left: number) => string } {
  const { top, bottom } = card.getBoundingClientRect()
  const seen = card.checkVisibility({ visibilityProperty: true }) && bottom > 0 && top < innerHeight
  return { duration: seen ? 180 : 0, css: (left) => `opacity: ${left}` }
}
