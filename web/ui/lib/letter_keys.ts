// Letter keys: whether they are on in this browser. They can be turned off, for users of speech input (WCAG 2.2, 2.1.4).

const OFF = 'backchannel:no-letter-keys'

/** Whether letter keys are on, from the browser's storage. */
export function hasLetterKeys(): boolean {
  try {
    return localStorage.getItem(OFF) === null
  } catch {
    return true
  }
}

export function setLetterKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, 'off')
  } catch {
    // no storage: the keys are on again on the next page
  }
}

/** Whether keys type text there. */
export function isTyped(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  )
}
