// Passkeys (WebAuthn): the API, and what the browser does with an authenticator. Each function throws Problem.
import type { Me } from './accounts'
import { Problem, request } from './api'
import type { Ways } from './ways'

export interface OwnPasskey {
  id: string
  name: string
  /** Null if nobody has signed in by it. */
  used_at: string | null
}

/** What a browser has made or used, for the server. */
export type Credential = unknown

const TOO_OLD = 'This browser is too old for passkeys: update it, or use another way.'
const KNOWN = 'This device has a passkey for your account already.'
const REFUSED = 'The browser refuses passkeys at this address.'
const NOTHING = 'No passkey was used: you stopped, or there is none here for this server.'

/** Why passkeys cannot be used on this page; empty if they can. */
export function passkeyComplaint({ origin, reason }: Ways['passkeys'], here = location.origin): string {
  if (!origin) return reason
  if (origin !== here) return `Passkeys work at ${origin} only: open the desk there.`
  return 'PublicKeyCredential' in globalThis && 'parseRequestOptionsFromJSON' in PublicKeyCredential
    ? ''
    : TOO_OLD
}

export const signInByPasskey = async () => used('/api/session/passkey')
export const confirmByPasskey = async () => used('/api/session/confirm/passkey')

export const listPasskeys = async () =>
  (await request<{ passkeys: OwnPasskey[] }>('GET', '/api/passkeys')).passkeys
export const renamePasskey = (id: string, name: string) =>
  request<OwnPasskey>('PATCH', `/api/passkeys/${id}`, { name })
export const removePasskey = (id: string) => request<void>('DELETE', `/api/passkeys/${id}`)
/** What a browser needs before it makes a passkey for the account that is signed in. */
export const offerPasskey = () =>
  request<Offer<PublicKeyCredentialCreationOptionsJSON>>('POST', '/api/passkeys/options')
export const addPasskey = async (offer: Offer<PublicKeyCredentialCreationOptionsJSON>, name: string) =>
  request<OwnPasskey>('POST', '/api/passkeys', { name, credential: await made(offer) })

/** The passkey of an account that is about to be made. */
export async function firstPasskey(login: string, name: string): Promise<Credential> {
  return made(await request('POST', '/api/setup/passkey', { login, name }))
}

interface Offer<Options> {
  options: Options
}

async function used(path: string): Promise<Me> {
  const { options } = await request<Offer<PublicKeyCredentialRequestOptionsJSON>>(
    'POST',
    '/api/session/passkey/options',
  )
  const credential = await attempt(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  )
  return request<Me>('POST', path, { credential })
}

async function made({ options }: Offer<PublicKeyCredentialCreationOptionsJSON>): Promise<Credential> {
  return attempt(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  )
}

/** Browsers do not say why nothing came of it, so that pages learn nothing about a person's passkeys. */
async function attempt(act: () => Promise<globalThis.Credential | null>): Promise<Credential> {
  try {
    const credential = await act()
    if (credential instanceof PublicKeyCredential) return credential.toJSON()
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'InvalidStateError') throw new Problem('passkey_known', KNOWN)
    if (name === 'SecurityError') throw new Problem('passkeys_unavailable', REFUSED)
  }
  throw new Problem('passkey_stopped', NOTHING)
}
