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
  | 'missing'

export interface Route {
  view: View
  /** The wall's slug; empty where the view is not about one wall. */
  slug: string
}

const VIEWS: Record<string, View> = {
  '/desk': 'walls',
  '/desk/new-wall': 'new-wall',
  '/desk/sign-in': 'sign-in',
  '/desk/setup': 'setup',
  '/desk/invitation': 'invitation',
  '/desk/account': 'account',
}
const OF_WALL = /^\/desk\/w\/([\w-]+)(?:\/(team|settings|sources))?$/
const WITHIN = /^\/desk(?:\/[\w-]+)*$/

export const SIGN_IN = '/desk/sign-in'
export const NEW_WALL = '/desk/new-wall'
export const queuePath = (slug: string) => `/desk/w/${slug}`
export const teamPath = (slug: string) => `/desk/w/${slug}/team`
export const settingsPath = (slug: string) => `/desk/w/${slug}/settings`
/** “What do you want to follow?” */
export const sourcesPath = (slug: string) => `/desk/w/${slug}/sources`

/** The view at a path; a slash at its end makes no difference. */
export function routeOf(path: string): Route {
  const bare = path.replace(/\/+$/, '')
  const ofWall = OF_WALL.exec(bare)
  if (ofWall) return { view: (ofWall[2] as View | undefined) ?? 'queue', slug: ofWall[1]! }
  return { view: VIEWS[bare] ?? 'missing', slug: '' }
}

export function needsSession({ view }: Route): boolean {
  return ['walls', 'new-wall', 'account', 'team', 'settings', 'sources', 'queue'].includes(view)
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
