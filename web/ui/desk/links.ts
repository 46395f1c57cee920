// The secret of a one-time link: taken out of the address, and kept by this tab alone until it has been used, so that
// the page can be reloaded, and left to sign in.

/** The links' pages, as they are named in this tab's storage. */
export type LinkName = 'setup' | 'invitation'

/** The secret of the link that was opened, empty if none was. The address no longer shows it. */
export function takeSecret(name: LinkName): string {
  const secret = location.hash.slice(1)
  if (!secret) return stored(name)
  history.replaceState(history.state, '', location.pathname + location.search)
  attempt(() => sessionStorage.setItem(name, secret))
  return secret
}

export function dropSecret(name: LinkName): void {
  attempt(() => sessionStorage.removeItem(name))
}

function stored(name: LinkName): string {
  return attempt(() => sessionStorage.getItem(name)) ?? ''
}

/** Browsers may forbid storage; the link then works until the page is left. */
function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
