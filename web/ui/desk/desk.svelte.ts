// The state of the desk: who is signed in, which view is shown, and what was said last.
import { whoAmI, signOut, type Me } from '../lib/accounts'
import { Problem } from '../lib/api'
import { isProblem, problemFrom, problemOf, wordsOf } from './problems'
import { needsSession, nextOf, routeOf, signInPath, SIGN_IN } from './routes'

/** Milliseconds for which a message stays. */
const MESSAGE_TIME = 10_000

export class Desk {
  /** Undefined until the server has said; null if nobody is signed in. */
  me = $state<Me | null | undefined>()
  /** Why it is not known who is signed in. */
  problem = $state<Problem | null>(null)
  path = $state(location.pathname)
  search = $state(location.search)
  route = $derived(routeOf(this.path))
  /** Whether the last session ended without a wish to sign out. */
  wasEnded = $state(false)
  message = $state('')
  /** Whether the message says that something was not done. */
  isFailure = $state(false)
  isOnline = $state(navigator.onLine)
  /** While the password is asked for again: what to do once it was typed, or was not. */
  confirmation = $state<{ done: () => void; cancel: () => void } | null>(null)
  #timer = 0
  /** How often one has signed in or out, so that an answer about the time before is not believed. */
  #generation = 0

  /** Ask the server who is signed in. */
  async refresh(): Promise<void> {
    const generation = this.#generation
    try {
      const me = await whoAmI()
      if (generation !== this.#generation) return
      this.problem = null
      this.me = me
    } catch (error) {
      if (generation !== this.#generation) return
      if (isProblem(error, 'not_signed_in')) this.signedOut(Boolean(this.me))
      else if (!this.me) this.problem = problemFrom(error)
    }
    this.lead()
  }

  /** Send a request of this account. Where the session has ended, the sign-in page comes. Throws Problem. */
  async ask<Reply>(send: () => Promise<Reply>): Promise<Reply> {
    try {
      return await send()
    } catch (error) {
      if (isProblem(error, 'not_signed_in')) {
        this.signedOut(true)
        this.lead()
      }
      throw error
    }
  }

  /** The same for a request before which the server may want the password again. */
  async askConfirmed<Reply>(send: () => Promise<Reply>): Promise<Reply> {
    try {
      return await this.ask(send)
    } catch (error) {
      if (!isProblem(error, 'confirm_password')) throw error
    }
    await new Promise<void>((done, fail) => {
      this.confirmation = { done, cancel: () => fail(new Problem('cancelled')) }
    }).finally(() => (this.confirmation = null))
    return this.ask(send)
  }

  signedIn(me: Me): void {
    this.#generation++
    this.me = me
    this.problem = null
    this.wasEnded = false
  }

  async signOut(): Promise<void> {
    try {
      await signOut()
    } catch (error) {
      return this.say(`You are still signed in. ${wordsOf(problemFrom(error))}`, true)
    }
    this.signedOut(false)
    this.go(SIGN_IN)
  }

  go(address: string, how: 'push' | 'replace' = 'push'): void {
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', address)
    this.message = ''
    this.follow()
  }

  /** Show what the address bar says. */
  follow(): void {
    this.path = location.pathname
    this.search = location.search
    this.lead()
  }

  say(message: string, isFailure = false): void {
    this.isFailure = isFailure
    clearTimeout(this.#timer)
    this.message = message
    this.#timer = window.setTimeout(() => (this.message = ''), MESSAGE_TIME)
  }

  private signedOut(wasEnded: boolean): void {
    this.#generation++
    this.me = null
    this.problem = null
    this.wasEnded = wasEnded
    this.confirmation?.cancel()
  }

  /** Lead to the sign-in page who must sign in, and on from it who is signed in. */
  private lead(): void {
    if (this.me === null && needsSession(this.route)) this.go(signInPath(this.path), 'replace')
    else if (this.me && this.route.view === 'sign-in') {
      const brought = problemOf(this.search)
      this.go(nextOf(this.search), 'replace')
      if (brought) this.say(wordsOf(brought), true)
    }
  }
}
