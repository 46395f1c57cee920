// Sources, their health and their previews in the organiser's words. Pure.
import type { Health, ListedSource, Preview, Source } from '../../lib/sources'
import { span } from '../problems'
import { since } from '../times'
import { many } from '../queue/wording'

export type Tone = 'good' | 'amber' | 'bad' | 'quiet'

export const HEALTH: Record<Health, [string, Tone]> = {
  ok: ['Works', 'good'],
  new: ['Not asked yet', 'quiet'],
  partly: ['Works in part', 'amber'],
  paused: ['Paused', 'amber'],
  failing: ['Fails', 'bad'],
  ended: ['Ended', 'bad'],
}

type Named = Pick<Source, 'kind' | 'value' | 'server'>

/** `#tag`, `@ada@mastodon.example`, or an address. */
export function nameOf({ kind, value }: Named): string {
  if (kind === 'hashtag') return `#${value}`
  const isHandle = kind === 'account' && !value.includes('/') && !value.startsWith('did:')
  return isHandle ? `@${value}` : value
}

/** `Mastodon, mastodon.example`; the server is left out where the name says it. */
export function placeOf({ label, server, value }: Named & { label: string }): string {
  const host = server.replace(/^https:\/\//, '')
  return host && !value.endsWith(host) ? `${label}, ${host}` : label
}

/** What is wrong, or worth a remark: one sentence each. */
export function remarksOf(source: Source): string[] {
  const trouble = bare(source.trouble)
  if (source.health === 'ended') return [trouble, 'Remove it, or follow it again to retry.']
  if (source.health === 'paused')
    return [`Paused ${at(source.paused_at!)}: nothing new comes from it, and its posts stay.`]
  if (source.health === 'failing') {
    const times = source.failures > 1 ? `Failed ${source.failures} times in a row.` : ''
    return [trouble, times].filter(Boolean)
  }
  if (source.health === 'partly')
    return [
      `${many(source.broken, 'entry', 'entries')} of its last page could not be read.`,
      ...source.unread,
    ]
  return source.note ? [sentence(source.note)] : []
}

/** When it answered last, brought something last, how often it is asked, and when next. */
export function rhythmOf(source: Source, now: number): string[] {
  const heard = source.succeeded_at ? `Answered ${ago(source.succeeded_at, now)}` : 'Has not answered yet'
  const brought = source.posted_at ? `last new post ${ago(source.posted_at, now)}` : 'no new post yet'
  if (source.health === 'ended' || source.health === 'paused') return [heard, brought]
  const left = (Date.parse(source.next_poll_at) - now) / 1000
  const next = left <= 1 ? 'next at any moment' : `next in ${span(left)}`
  return [heard, brought, `asked every ${span(source.interval)}`, next]
}

/** `12 posts in the last 24 hours, 3 of them in the last hour.` */
export function activityOf({ hours }: Pick<ListedSource, 'hours'>): string {
  const day = hours.reduce((sum, each) => sum + each, 0)
  if (!day) return 'No posts in the last 24 hours.'
  const hour = hours.at(-1)!
  return `${many(day, 'post')} in the last 24 hours, ${hour || 'none'} in the last hour.`
}

/** `At least 40 posts, 12 in the last day, the newest 5 min ago.` */
export function previewWords({ posts, more, last_day, newest, broken, unread, note }: Preview): string {
  const unreadable = broken ? `${many(broken, 'entry', 'entries')} could not be read. ${unread}` : ''
  if (!posts) return unreadable || sentence(note) || 'No posts at the moment. New ones will come.'
  const newestWords = newest ? `, the newest ${since(newest)}` : ''
  const today =
    last_day && last_day < posts ? `, ${last_day} in the last day` : last_day ? ' in the last day' : ''
  return `${more ? 'At least ' : ''}${many(posts, 'post')}${today}${newestWords}. ${unreadable}`.trim()
}

/** `20 seconds ago`, `5 minutes ago`, or a time. */
function ago(moment: string, now: number): string {
  const passed = (now - Date.parse(moment)) / 1000
  if (passed < 3) return 'just now'
  return passed < 3600 ? `${span(passed)} ago` : at(moment, now)
}

/** `just now`, `5 min ago`, `at 14:05`, `on 7 Sep`. */
function at(moment: string, now = Date.now()): string {
  const words = since(moment, now)
  return /(now|ago)$/.test(words) ? words : `${/^\d\d:/.test(words) ? 'at' : 'on'} ${words}`
}

/** Without the marks that a terminal's users know as code. */
export const bare = (text: string) => text.replaceAll('`', '')

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
