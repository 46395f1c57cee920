// Globals that Svelte's server side expects and a bare V8 lacks. Imported before everything else.

class Encoder {
  encode(text: string): Uint8Array {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
  }
}

globalThis.TextEncoder ??= Encoder as unknown as typeof TextEncoder
