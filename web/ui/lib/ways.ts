// By what one can sign in here, and the way through an organisation. Each function throws Problem.
import { request } from './api'

export interface Ways {
  /** Whether passwords can be used. */
  passwords: boolean
  /** `origin` is null where passkeys cannot be used at all. */
  passkeys: { origin: string | null; reason: string }
  /** The organisation through which its people sign in; null if there is none. */
  organisation: string | null
}

/** What is wanted of the organisation: `again` asks for the password there, `connect` is for who is signed in. */
export interface Departure {
  next: string
  again?: boolean
  connect?: boolean
}

let found: Promise<Ways> | undefined

/** The ways, which are the same for as long as the page is open. */
export function findWays(): Promise<Ways> {
  found ??= request<Ways>('GET', '/api/session/ways').catch((error: unknown) => {
    found = undefined
    throw error
  })
  return found
}

/** Leave this page for the organisation's own, which leads back. */
export async function leaveForOrganisation(departure: Departure): Promise<void> {
  const { url } = await request<{ url: string }>('POST', '/api/session/organisation', departure)
  location.assign(url)
}
