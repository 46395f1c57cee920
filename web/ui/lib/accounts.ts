// The API of accounts: sessions, passwords, one-time links, invitations, members and API tokens. Names are the server's
// (web/api/); each function throws Problem.
import { request } from './api'
import type { Credential } from './passkeys'

export const ROLES = ['author', 'moderator', 'organiser', 'owner'] as const
export type Role = (typeof ROLES)[number]
export const PERMISSIONS = ['view', 'moderate', 'configure', 'members', 'owners'] as const
export type Permission = (typeof PERMISSIONS)[number]

export interface Person {
  id: number
  login: string
  name: string
}

export interface OwnWall {
  slug: string
  name: string
  /** Without `#`; empty if the wall has none. */
  hashtag: string
  look: { accent?: string; highlight?: string }
  /** Null for an administrator who is not a member. */
  role: Role | null
  permissions: Permission[]
}

/** Who is signed in. */
export interface Me {
  account: Person & { is_admin: boolean }
  /** By what one can sign in, and confirm that it is still the same person. */
  ways: { password: boolean; passkey: boolean; organisation: boolean }
  walls: OwnWall[]
}

export interface OwnSession {
  id: string
  user_agent: string
  used_at: string
  is_current: boolean
}

export interface OwnToken {
  id: string
  name: string
  scopes: Permission[]
  expires_at: string
  /** Null if it was never used. */
  used_at: string | null
}

export interface Member {
  account: Person
  role: Role
  joined_at: string
}

export interface OpenInvitation {
  id: string
  role: Role
  /** A login; null for the command line. */
  made_by: string | null
  expires_at: string
}

export interface LinkPurpose {
  purpose: 'first_account' | 'new_password'
  account: Person | null
}

export interface InvitedTo {
  slug: string
  name: string
  role: Role
  expires_at: string
}

export interface NewAccount {
  login: string
  name: string
  password: string
  /** Instead of a password. */
  passkey: Credential
}

export const whoAmI = () => request<Me>('GET', '/api/session')
export const signIn = (login: string, password: string) =>
  request<Me>('POST', '/api/session', { login, password })
export const signOut = () => request<void>('DELETE', '/api/session')
export const confirmPassword = (password: string) => request<Me>('POST', '/api/session/confirm', { password })
export const changePassword = (current: string, next: string) =>
  request<Me>('PUT', '/api/account/password', { current, new: next })

/** Change one's name or user name; what is left out stays. */
export const changeDetails = (details: Partial<Pick<NewAccount, 'login' | 'name'>>) =>
  request<Me>('PATCH', '/api/account', details)

export const checkLink = (token: string) => request<LinkPurpose>('POST', '/api/setup/check', { token })
export const useLink = (token: string, account: Partial<NewAccount>) =>
  request<Me>('POST', '/api/setup', { token, ...account })

export const listSessions = async () =>
  (await request<{ sessions: OwnSession[] }>('GET', '/api/sessions')).sessions
export const endSession = (id: string) => request<void>('DELETE', `/api/sessions/${id}`)

export const listTokens = async () => (await request<{ tokens: OwnToken[] }>('GET', '/api/tokens')).tokens
export const makeToken = (name: string, scopes: Permission[], days: number) =>
  request<OwnToken & { secret: string }>('POST', '/api/tokens', { name, scopes, days })
export const revokeToken = (id: string) => request<void>('DELETE', `/api/tokens/${id}`)

const wall = (slug: string) => `/api/walls/${encodeURIComponent(slug)}`

export const listMembers = async (slug: string) =>
  (await request<{ members: Member[] }>('GET', `${wall(slug)}/members`)).members
export const setRole = (slug: string, id: number, role: Role) =>
  request<void>('PUT', `${wall(slug)}/members/${id}`, { role })
export const removeMember = (slug: string, id: number) =>
  request<void>('DELETE', `${wall(slug)}/members/${id}`)

export const listInvitations = async (slug: string) =>
  (await request<{ invitations: OpenInvitation[] }>('GET', `${wall(slug)}/invitations`)).invitations
export const invite = (slug: string, role: Role) =>
  request<OpenInvitation & { url: string }>('POST', `${wall(slug)}/invitations`, { role })
export const takeBack = (slug: string, id: string) =>
  request<void>('DELETE', `${wall(slug)}/invitations/${id}`)

export const checkInvitation = (token: string) =>
  request<InvitedTo>('POST', '/api/invitations/check', { token })
/** Join with the account that is signed in, or with a new one. */
export const acceptInvitation = (token: string, account: Partial<NewAccount> = {}) =>
  request<Me>('POST', '/api/invitations/accept', { token, ...account })
