// What the address asks of a page's looks (docs/screens.md). Nonsense is left out: a screen shows the wall all the same.

export interface Screen {
  /** Columns of the hall; none leaves it to the width. */
  columns?: number
  /** Size of everything in the hall, 1 being the usual. */
  scale?: number
  theme?: 'light' | 'dark'
  /** Words alone, without pictures. */
  wordsOnly: boolean
  /** Posts alone, without the head. */
  plain: boolean
}

const COLUMNS = { least: 1, most: 12 }
const SCALE = { least: 0.5, most: 3 }

export function screenFor(search: string): Screen {
  const asked = new URLSearchParams(search)
  const columns = within(asked.get('columns'), COLUMNS)
  const scale = within(asked.get('scale'), SCALE)
  const theme = asked.get('theme')
  return {
    ...(columns && { columns: Math.round(columns) }),
    ...(scale && { scale }),
    ...((theme === 'light' || theme === 'dark') && { theme }),
    wordsOnly: asked.get('media') === 'none',
    plain: asked.has('plain') && asked.get('plain') !== '0',
  }
}

/** Marks the document, for the styles and for masonry.ts. */
export function dress({ columns, scale, theme, wordsOnly, plain }: Screen): void {
  const root = document.documentElement
  if (columns) root.dataset.columns = String(columns)
  if (scale) root.style.setProperty('--scale', String(scale))
  if (theme) root.dataset.theme = theme
  root.toggleAttribute('data-words-only', wordsOnly)
  root.toggleAttribute('data-plain', plain)
}

function within(value: string | null, { least, most }: { least: number; most: number }): number | undefined {
  const number = Number(value ?? '')
  return number > 0 ? Math.min(most, Math.max(least, number)) : undefined
}
