// The server's HTML of a post's words as nodes, which Svelte draws without raw HTML. Pure.
// Its input is the well-formed HTML of connectors/text/html.py, as lib/setting.ts sets it. Whatever is not in the lists
// below stays text, or is left out.

export type MarkupNode = string | { tag: string; attributes: Record<string, string>; children: MarkupNode[] }

const TAGS = new Set(
  'p br wbr a strong b em i u s del code pre blockquote ul ol li span ruby rt rp bdi q sub sup small img'.split(
    ' ',
  ),
)
const VOID = new Set(['br', 'wbr', 'img'])
const ATTRIBUTES = new Set(
  'href rel target class dir lang title alt src width height loading decoding tabindex data-closing start'.split(
    ' ',
  ),
)
const TOKEN = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>|[^<]+|</g
const ATTRIBUTE = /([a-z-]+)(?:="([^"]*)")?/g
const WEB = /^(https?:\/\/|mailto:)/i
const OWN_PICTURE = /^\/media\/[\w-]+\/[sl]\.webp$/

/** The nodes of this HTML. An end that belongs to no open element is left out. */
export function nodesOf(html: string): MarkupNode[] {
  const top: MarkupNode[] = []
  const open: { tag: string; children: MarkupNode[] }[] = [{ tag: '', children: top }]
  for (const [token, slash, tag, given = ''] of html.matchAll(TOKEN)) {
    const here = open.at(-1)!.children
    if (!tag) here.push(withoutEntities(token))
    else if (!TAGS.has(tag)) continue
    else if (slash) {
      const at = open.findLastIndex((each) => each.tag === tag)
      if (at > 0) open.length = at
    } else {
      const element = { tag, attributes: attributesOf(given), children: [] }
      here.push(element)
      if (!VOID.has(tag)) open.push(element)
    }
  }
  return top
}

function attributesOf(given: string): Record<string, string> {
  const found = [...given.matchAll(ATTRIBUTE)].map(
    ([, name, value = '']) => [name!, withoutEntities(value)] as const,
  )
  return Object.fromEntries(found.filter(([name, value]) => isAllowed(name, value)))
}

function isAllowed(name: string, value: string): boolean {
  if (name === 'href') return WEB.test(value)
  if (name === 'src') return OWN_PICTURE.test(value)
  return ATTRIBUTES.has(name)
}

const NAMED: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&', nbsp: '\u00a0' }

/** The text that this escaped text stands for. */
export function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (all, decimal, hex, name) => {
    if (name) return NAMED[name] ?? all
    const code = decimal ? Number(decimal) : parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}
