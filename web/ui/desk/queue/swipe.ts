// A swipe of a finger over a post: the post follows the finger, and past a third of its width the swipe counts.

export type Direction = 'right' | 'left'

interface Swiped {
  /** Whether a swipe in this direction does something now. */
  can: (direction: Direction) => boolean
  /** While the finger moves: in which direction, and whether letting go would count. Null once it has ended. */
  moved: (direction: Direction | null, counts: boolean) => void
  done: (direction: Direction) => void
}

/** Pixels before a movement is a swipe rather than a tap or a scroll. */
const SLACK = 14
const SHARE = 0.33
const MAX_NEEDED = 140

/** Whether a movement is a swipe: to the side rather than up or down. Pure. */
export const isSideways = (dx: number, dy: number) =>
  Math.abs(dx) > SLACK && Math.abs(dx) > 1.5 * Math.abs(dy)

/** Whether letting go after this movement over a post of this width counts. Pure. */
export const counts = (dx: number, width: number) => Math.abs(dx) >= Math.min(MAX_NEEDED, SHARE * width)

/** Follow the swipes of fingers over an element; returns what ends that. Pens and mice select text as usual. */
export function followSwipes(element: HTMLElement, { can, moved, done }: Swiped): () => void {
  let start: { id: number; x: number; y: number } | null = null
  let dx = 0
  let isSwipe = false

  const direction = (): Direction => (dx > 0 ? 'right' : 'left')
  function reset() {
    if (isSwipe) moved(null, false)
    element.style.translate = ''
    start = null
    isSwipe = false
    dx = 0
  }
  function down(event: PointerEvent) {
    if (event.pointerType !== 'touch' || !event.isPrimary) return reset()
    start = { id: event.pointerId, x: event.clientX, y: event.clientY }
  }
  function move(event: PointerEvent) {
    if (start?.id !== event.pointerId) return
    dx = event.clientX - start.x
    if (!isSwipe && !isSideways(dx, event.clientY - start.y)) return
    if (!can(direction())) return reset()
    isSwipe = true
    element.style.translate = `${dx}px 0`
    moved(direction(), counts(dx, element.clientWidth))
  }
  function up(event: PointerEvent) {
    if (start?.id !== event.pointerId) return
    const told = isSwipe && counts(dx, element.clientWidth) ? direction() : null
    reset()
    if (told) done(told)
  }
  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', reset)
  return () => {
    reset()
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', reset)
  }
}
