// Roles and permissions in words: docs/desk-permissions.md has the table.
import { ROLES, type OwnWall, type Permission, type Role } from '../lib/accounts'

export const ROLE_NAMES: Record<Role, string> = {
  author: 'Author',
  moderator: 'Moderator',
  organiser: 'Organiser',
  owner: 'Owner',
}

/** What each role adds to the one before it. */
export const ROLE_MEANINGS: Record<Role, string> = {
  author: 'sees the desk of this wall',
  moderator: 'decides about posts and authors',
  organiser: 'changes settings and sources, and looks after the team',
  owner: 'makes and removes owners, and may remove the wall',
}

export const SCOPE_MEANINGS: Record<Permission, string> = {
  view: 'See the desk',
  moderate: 'Decide about posts and authors',
  configure: 'Change settings and sources',
  members: 'Look after the team',
  owners: 'Make and remove owners, together with the team, and remove the wall',
}

/** `a moderator`, `an owner`. */
export const aRole = (role: Role) => `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`

/** The roles that may be given by whoever has these permissions. */
export function givable(permissions: Permission[]): Role[] {
  if (!permissions.includes('members')) return []
  return ROLES.filter((role) => role !== 'owner' || permissions.includes('owners'))
}

/** One's role on a wall in a word. */
export const roleOn = ({ role }: OwnWall) => (role ? ROLE_NAMES[role] : 'Administrator')
