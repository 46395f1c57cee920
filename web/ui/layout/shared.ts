// The layout for the page's script. It is sent once, in the document: wall/first_paint.ts needs it before the first paint.

interface Layout {
  arrange(root: HTMLElement, room: number): void
}

declare global {
  var wallLayout: Layout
}

/** Leave the layout for the page's script. */
export function share(layout: Layout): void {
  globalThis.wallLayout = layout
}

/** Position the cards, as layout/masonry.ts does. */
export function arrange(root: HTMLElement, room: number): void {
  globalThis.wallLayout.arrange(root, room)
}
