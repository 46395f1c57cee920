// The posts of the queue: which tab each is in, and which the search finds. Pure.
import { withoutEntities } from '../markup/nodes'
import type { DeskBody, ItemState } from '../../live/types'
import { newestFirst, type Post } from '../../live/records'

export type DeskPost = Post<DeskBody>
export const TABS = ['held', 'live', 'hidden', 'all'] as const
export type Tab = (typeof TABS)[number]
export type Counts = Record<Tab, number>

/** What the address bar says: the tab, and the words to search for. */
export interface Filter {
  tab: Tab
  words: string
}

export function filterFrom(search: string): Filter {
  const asked = new URLSearchParams(search)
  const tab = TABS.find((each) => each === asked.get('tab')) ?? 'held'
  return { tab, words: asked.get('q') ?? '' }
}

/** The query of the address; empty for what is shown first. */
export function searchOf({ tab, words }: Filter): string {
  const query = new URLSearchParams()
  if (tab !== 'held') query.set('tab', tab)
  if (words.trim()) query.set('q', words)
  return query.size ? `?${query}` : ''
}

export const isIn = (tab: Tab, state: ItemState) => tab === 'all' || tab === state

export function countsOf(posts: Iterable<DeskPost>): Counts {
  const counts = { held: 0, live: 0, hidden: 0, all: 0 }
  for (const { body } of posts) {
    counts[body.state]++
    counts.all++
  }
  return counts
}

/** A test whether a post has all of these words, in its text, title, warning, author or handle. */
export function finder(words: string): (post: DeskPost) => boolean {
  const wanted = folded(words).split(/\s+/).filter(Boolean)
  return (post) => wanted.every((word) => textOf(post).includes(word))
}

const texts = new WeakMap<DeskBody['post'], string>()

function textOf({ body: { post } }: DeskPost): string {
  let text = texts.get(post)
  if (text === undefined) {
    const { author, boosted_by, title = '', warning = '', html = '', media = [] } = post
    const alt = media.map((medium) => medium.alt ?? '')
    const people = [author.name, author.handle, boosted_by?.name ?? '', boosted_by?.handle ?? '']
    text = folded([...people, title, warning, plain(html), ...alt].join('\n'))
    texts.set(post, text)
  }
  return text
}

/** The words of the server's HTML, without its elements. */
const plain = (html: string) =>
  withoutEntities(html.replace(/<br>|<\/p>|<\/li>/g, '\n').replace(/<[^>]*>/g, ''))

/** Without capitals and accents, as people type what they search for. */
const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** `keys` with further ones, each at its place in the server's order. */
export function insertKeys(
  keys: readonly string[],
  more: Iterable<string>,
  posts: ReadonlyMap<string, DeskPost>,
): string[] {
  const all = new Set([...keys, ...more])
  return [...all]
    .flatMap((key) => posts.get(key) ?? [])
    .sort(newestFirst)
    .map(({ key }) => key)
}
