// Whether words are longer than the lines they have, which only a browser can tell: `data-long` marks those that are.

const CLAMPED = '[data-clamp]'

/** Mark all clamped words under `root`. Those that were opened keep the mark that they had. */
export function markLong(root: ParentNode): void {
  const all = [...root.querySelectorAll<HTMLElement>(CLAMPED)].filter(
    (words) => !words.hasAttribute('data-open'),
  )
  const long = all.map((words) => {
    const said = words.firstElementChild as HTMLElement
    return said.scrollHeight > said.clientHeight + 2
  })
  all.forEach((words, at) => words.toggleAttribute('data-long', long[at]!))
}
