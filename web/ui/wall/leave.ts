// How a card goes: it fades where it stood, while its neighbours close up.

export function leave(_card: Element): { duration: number; css: (left: number) => string } {
  return { duration: 180, css: (left) => `opacity: ${left}` }
}
