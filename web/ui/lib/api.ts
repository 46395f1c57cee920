// Requests to this server's API by the person at the page: JSON both ways, or a file, refusals as `Problem` (RFC 9457).

/** Milliseconds. A server checks passwords a few at a time, each on purpose for a while. */
const REQUEST_TIMEOUT = 20_000
const NO_CONTENT = 204

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * A request that was not fulfilled. `code` is the server's own, or `unreachable` where no answer came, or `failed` for an
 * answer without one, as proxies give; `wait` is in seconds, 0 if the server names no time.
 */
export class Problem extends Error {
  constructor(
    readonly code: string,
    detail = '',
    readonly wait = 0,
    /** What else the server says, by name. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail)
  }
}

/** Send a request with this value or file; return the reply's body. Throws Problem. */
export async function request<Reply>(method: Method, path: string, body?: unknown): Promise<Reply> {
  const reply = await send(method, path, body)
  if (!reply.ok) throw await problemOf(reply)
  return (reply.status === NO_CONTENT ? undefined : await json(reply)) as Reply
}

/** The problem that a refusing reply tells of. */
export async function problemOf(reply: Response): Promise<Problem> {
  const wait = Number(reply.headers.get('retry-after')) || 0
  const body = (await reply.json().catch(() => null)) as Record<string, unknown> | null
  return new Problem(textOr(body?.code, 'failed'), textOr(body?.detail, ''), wait, body ?? {})
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, { method, signal: AbortSignal.timeout(REQUEST_TIMEOUT), ...contentOf(body) })
  } catch {
    throw new Problem('unreachable')
  }
}

/** A file is sent with the type that the browser knows it by. */
function contentOf(body: unknown): RequestInit {
  if (body === undefined) return {}
  if (body instanceof Blob) return { body }
  return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
}

async function json(reply: Response): Promise<unknown> {
  try {
    return await reply.json()
  } catch {
    throw new Problem('failed')
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}
