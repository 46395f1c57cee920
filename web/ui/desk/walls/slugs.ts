// A wall's slug, by the server's rules (aggregator/walls/walls.py). Pure.

const MAX_SLUG = 40
const SLUG = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** A slug from a conference's name: `Zürich Häfen 26!` becomes `zurich-hafen-26`. It may be empty. */
export function slugFrom(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const whole = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  if (whole.length <= MAX_SLUG) return whole
  return whole
    .slice(0, MAX_SLUG + 1)
    .replace(/-[^-]*$|.$/, '')
    .replace(/-$/, '')
}

/** Why it is not a slug; empty if it may be one. */
export function slugComplaint(slug: string): string {
  if (!slug) return 'Choose an address of letters and digits, such as harbour26.'
  if (slug.length > MAX_SLUG) return `Use at most ${MAX_SLUG} characters.`
  return SLUG.test(slug) ? '' : 'Use a to z, 0 to 9 and, between them, hyphens.'
}
