// The desk's addresses. Pure.

export type View =
  | 'walls'
  | 'new-wall'
  | 'sign-in'
  | 'setup'
  | 'invitation'
  | 'account'
  | 'team'
  | 'settings'
  | 'sources'
  | 'queue'
  | 'history'
  | 'author'
  | 'left-out'
  | 'missing'

export interface Route {
  view: View
  /** The wall's slug; empty where the view is not about one wall. */
  slug: string
  /** The author's handle; empty where the view is not about one author. */
  handle: string
}

const VIEWS: Record<string, View> = {
  '/desk': 'walls',
  '/desk/new-wall': 'new-wall',
  '/desk/sign-in': 'sign-in',
  '/desk/setup': 'setup',
  '/desk/invitation': 'invitation',
  '/desk/account': 'account',
}
const OF_WALL = /^\/desk\/w\/([\w-]+)(?:\/(team|settings|sources|history|left-out))?$/
const OF_AUTHOR = /^\/desk\/w\/([\w-]+)\/authors\/([^/]+)$/
const WITHIN = /^\/desk(?:\/[\w-]+)*(?:\/authors\/[^/\\]+)?$/

export const SIGN_IN = '/desk/sign-in'
export const NEW_WALL = '/desk/new-wall'
export const queuePath = (slug: string) => `/desk/w/${slug}`
export const teamPath = (slug: string) => `/desk/w/${slug}/team`
export const settingsPath = (slug: string) => `/desk/w/${slug}/settings`
/** “What do you want to follow?” */
export const sourcesPath = (slug: string) => `/desk/w/${slug}/sources`
export const historyPath = (slug: string) => `/desk/w/${slug}/history`
export const authorPath = (slug: string, handle: string) =>
  `/desk/w/${slug}/authors/${encodeURIComponent(handle).replaceAll('%40', '@')}`

export const leftOutPath = (slug: string) => `/desk/w/${slug}/left-out`

/** The view at a path; a slash at its end makes no difference. */
export function routeOf(path: string): Route {
  const bare = path.replace(/\/+$/, '')
  const ofWall = OF_WALL.exec(bare)
  if (ofWall) return { view: (ofWall[2] ?? 'queue') as View, slug: ofWall[1]!, handle: '' }
  const ofAuthor = OF_AUTHOR.exec(bare)
  const handle = ofAuthor ? decoded(ofAuthor[2]!) : ''
  if (ofAuthor && handle) return { view: 'author', slug: ofAuthor[1]!, handle }
  return { view: VIEWS[bare] ?? 'missing', slug: '', handle: '' }
}

/** What is written in a path; empty if it is not well-formed. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

export function needsSession({ view }: Route): boolean {
  const open: View[] = ['setup', 'invitation', 'sign-in', 'missing']
  return !open.includes(view)
}

/** The sign-in page that goes on to this path. */
export function signInPath(next: string): string {
  return next === '/desk' ? SIGN_IN : `${SIGN_IN}?next=${encodeURIComponent(next)}`
}

/** Where the query of the sign-in page says to go on: within the desk only. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  return WITHIN.test(next) && routeOf(next).view !== 'sign-in' ? next : '/desk'
}

/** The path that a click on a link leads to inside the desk; empty for all other links and clicks. */
export function pathOf(link: HTMLAnchorElement | null, event: MouseEvent): string {
  const modified = event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey
  if (!link || modified || event.altKey || link.target || link.hash || link.origin !== location.origin)
    return ''
  return WITHIN.test(link.pathname) ? link.pathname + link.search : ''
}
