// What can be done with one post: a table of buttons, each with its words, its icon and its key. Pure.
import { Ban, Check, EyeOff, Image, ImageOff, Pin, PinOff, Sparkles, UserCheck, type IconNode } from 'lucide'
import type { DeskPost } from './items'
import type { Command } from './keys'
import { nameOf } from './wording'

export type PostCommand = 'approve' | 'hide' | 'block' | 'trust' | 'pin' | 'nugget' | 'cover'

/** A button. `label` says to screen readers what it acts on; `command` has the key. */
export interface Offer {
  act: PostCommand
  words: string
  label: string
  icon: IconNode
  kind: 'good' | 'bad' | 'quiet'
  command?: Command
  pressed?: boolean
}

/** The verdicts that would change something. */
export function verdicts({ body: { state, post } }: DeskPost): Offer[] {
  const by = `the post by ${nameOf(post)}`
  const offers: Offer[] = []
  if (state !== 'live') offers.push(verdict('approve', 'Approve', by, Check, 'good'))
  if (state !== 'hidden') offers.push(verdict('hide', 'Hide', by, EyeOff, 'bad'))
  return offers
}

/** All else, in the order of the buttons. */
export function furtherActs({ body: { covered, pinned_until, post } }: DeskPost): Offer[] {
  const name = nameOf(post)
  const by = `the post by ${name}`
  const pin = pinned_until ? 'Unpin' : 'Pin'
  const cover = covered ? 'Uncover' : 'Cover'
  const offers: Offer[] = [
    quiet('block', 'Block', `Block ${name}, and hide ${by}`, Ban, 'block'),
    quiet('trust', 'Trust', `Trust ${name}`, UserCheck, 'trust'),
    quiet('pin', pinned_until ? pin : `${pin} …`, `${pin} ${by}`, pinned_until ? PinOff : Pin, 'pin'),
    {
      ...quiet('nugget', 'Nugget', `Nugget: ${by}`, Sparkles, 'nugget'),
      pressed: Boolean(post.nugget),
    },
  ]
  if (post.media?.length || post.card?.picture)
    offers.push(quiet('cover', cover, `${cover} the pictures of ${by}`, covered ? Image : ImageOff))
  return offers
}

const verdict = (
  act: 'approve' | 'hide',
  words: string,
  by: string,
  icon: IconNode,
  kind: Offer['kind'],
): Offer => ({ act, words, label: `${words} ${by}`, icon, kind, command: act })

const quiet = (act: PostCommand, words: string, label: string, icon: IconNode, command?: Command): Offer => ({
  act,
  words,
  label,
  icon,
  kind: 'quiet',
  ...(command ? { command } : {}),
})
