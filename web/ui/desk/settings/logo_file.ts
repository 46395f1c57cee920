// A logo's file, read for the preview, before it is sent.
import type { Logo } from '../../live/types'

export const FORMATS = ['image/png', 'image/jpeg', 'image/webp']
/** Bytes: the server's limit (aggregator/walls/logos.py). */
const MAX_BYTES = 1_000_000
const SIDE = 16

/** Why it cannot be a logo; empty if it may be one. */
export function fileComplaint({ type, size }: { type: string; size: number }): string {
  if (type === 'image/svg+xml') return 'An SVG may contain scripts, so it is not accepted. Save it as PNG.'
  if (!FORMATS.includes(type)) return 'Choose a picture: PNG, JPEG or WebP.'
  return size > MAX_BYTES ? 'The file has more than 1 MB. Save it smaller; 960 pixels are wide enough.' : ''
}

/** The picture as a preview shows it. Throws where the browser cannot read it. */
export async function readLogo(file: File): Promise<Logo> {
  const src = await new Promise<string>((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result))
    reader.onerror = () => fail(reader.error)
    reader.readAsDataURL(file)
  })
  const image = new Image()
  image.src = src
  await image.decode()
  return { id: '', src, color: meanOf(image), width: image.naturalWidth, height: image.naturalHeight }
}

/** The mean of the pixels, weighted by their opacity. */
function meanOf(image: HTMLImageElement): string {
  const context = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE }).getContext(
    '2d',
  )!
  context.drawImage(image, 0, 0, SIDE, SIDE)
  const { data } = context.getImageData(0, 0, SIDE, SIDE)
  const sums = [0, 0, 0, 0]
  for (let at = 0; at < data.length; at += 4) {
    const opacity = data[at + 3]!
    for (const channel of [0, 1, 2]) sums[channel] = sums[channel]! + data[at + channel]! * opacity
    sums[3] = sums[3]! + opacity
  }
  if (!sums[3]) return '#808080'
  const hex = (sum: number) =>
    Math.round(sum / sums[3]!)
      .toString(16)
      .padStart(2, '0')
  return `#${sums.slice(0, 3).map(hex).join('')}`
}
