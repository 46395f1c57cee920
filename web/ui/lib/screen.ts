// Display options in the address (docs/screens.md). Invalid ones are ignored.

export interface Screen {
  /** Columns of the hall; by width if absent. */
  columns?: number
  /** Scale of the hall; the default is 1. */
  scale?: number
  theme?: 'light' | 'dark'
  /** No pictures. */
  wordsOnly: boolean
  /** No header. */
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

/** Mark the document, for the styles and for masonry.ts. */
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
