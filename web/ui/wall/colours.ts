// The wall's colours, as styles. Browsers load this when they change: a page comes with those of its wall.
import { palette } from '../lib/color'
import type { WallBody } from '../live/types'

export function coloursOf(look: WallBody['look']): string {
  return Object.entries(palette(look))
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
}
