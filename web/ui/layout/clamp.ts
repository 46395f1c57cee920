// Marks words that are longer than their lines, which only a browser can tell, with `data-long`.

const CLAMPED = '[data-clamp]'

/** Mark all clamped words under `root`. Opened ones keep their mark. */
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
