// Times in words, in the time zone of the person at the desk.
import { ago, until } from '../lib/time'

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** `Used just now`, `Used 5 min ago`, `Used at 14:05`, `Used on 7 Sep`. Its source is exact to the minute. */
export function lastUse(at: string, now = Date.now(), zone = ZONE): string {
  const words = ago(Date.parse(at), now, zone)
  if (words === 'now' || words === '1 min') return 'Used just now'
  if (/ (min|h)$/.test(words)) return `Used ${words} ago`
  return `Used ${/^\d\d:/.test(words) ? 'at' : 'on'} ${words}`
}

/** `Expires in 5 min`, `Expires on Sunday at 14:05`, `Expired on 7 Sep`. */
export function expiry(at: string, now = Date.now(), zone = ZONE): string {
  const moment = Date.parse(at)
  if (moment > now) return `Expires ${until(moment, now, zone)}`
  const words = ago(moment, now, zone)
  if (words === 'now') return 'Expired just now'
  return / (min|h)$/.test(words)
    ? `Expired ${words} ago`
    : `Expired ${/^\d\d:/.test(words) ? 'at' : 'on'} ${words}`
}

/** `7 Sep`, or the time where it was today. */
export function since(at: string, now = Date.now(), zone = ZONE): string {
  const words = ago(Date.parse(at), now, zone)
  return words === 'now' ? 'just now' : / (min|h)$/.test(words) ? `${words} ago` : words
}
