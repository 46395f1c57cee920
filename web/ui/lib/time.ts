// Times in words, in the wall's time zone. Pure, and the same in every JavaScript engine: the server renders the same
// words as the browser.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Tolerance for a reader's slow clock (ms). */
const SLOW = 10 * MINUTE
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

interface Local {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  weekday: number
}

const formats = new Map<string, Intl.DateTimeFormat | null>()

/**
 * The age of a post: `now`, `5 min`, `3 h`, then the day, without seconds that would tick on every card. A few minutes in
 * the future are a slow clock: `now`.
 */
export function ago(moment: number, now: number, zone: string): string {
  const passed = now - moment
  if (passed < -SLOW) return dayOf(moment, now, zone)
  if (passed < MINUTE) return 'now'
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`
  if (passed < 12 * HOUR) return `${Math.floor(passed / HOUR)} h`
  if (passed >= 6 * 24 * HOUR) return dayOf(moment, now, zone)
  const then = local(moment, zone)
  const time = clock(moment, zone)
  return then.day === local(now, zone).day ? time : `${DAYS[then.weekday]!.slice(0, 3)} ${time}`
}

/** The day, `7 Sep`, with its year unless it is the current one. */
function dayOf(moment: number, now: number, zone: string): string {
  const { day, month, year } = local(moment, zone)
  return `${day} ${MONTHS[month - 1]}${year === local(now, zone).year ? '' : ` ${year}`}`
}

/** `in 5 min`, `at 14:05`, `on Sunday at 14:05`, `on 7 Sep`: when something ends. */
export function until(moment: number, now: number, zone: string): string {
  const left = Math.max(0, moment - now)
  if (left < HOUR) return `in ${Math.max(1, Math.round(left / MINUTE))} min`
  if (left >= 6 * 24 * HOUR) return `on ${dayOf(moment, now, zone)}`
  const { day, weekday } = local(moment, zone)
  const time = `at ${clock(moment, zone)}`
  return day === local(now, zone).day ? time : `on ${DAYS[weekday]} ${time}`
}

/** The time of day, `14:05`. */
export function clock(moment: number, zone: string): string {
  const { hour, minute } = local(moment, zone)
  return `${two(hour)}:${two(minute)}`
}

/** `Monday 12 Oct 2009, 14:05 (Europe/London)`: the exact time. */
export function full(moment: number, zone: string): string {
  const { weekday, day, month, year } = local(moment, zone)
  return `${DAYS[weekday]} ${day} ${MONTHS[month - 1]} ${year}, ${clock(moment, zone)} (${known(zone)})`
}

export function local(moment: number, zone: string): Local {
  const format = formatOf(zone)
  if (!format) return utc(moment)
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(moment)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
  return {
    year,
    month,
    day,
    hour: hour % 24,
    minute,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
  }
}

function known(zone: string): string {
  return formatOf(zone) ? zone : 'UTC'
}

/** The cached formats of a time zone, or of UTC if this engine doesn't know it. Formats are slow to create. */
function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone)
  if (format === undefined) {
    format = makeFormat(zone)
    formats.set(zone, format)
  }
  return format
}

function makeFormat(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  } catch {
    return null
  }
}

function utc(moment: number): Local {
  const date = new Date(moment)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
  }
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** The length of a recording: `4:05`, `1:02:30`. */
export function length(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (part: number) => String(part).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
