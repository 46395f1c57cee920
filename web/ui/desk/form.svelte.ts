// The state of one form: busy, the errors of its fields, and a problem that belongs to no field.
import type { Problem } from '../lib/api'
import { problemFrom, wordsOf } from './problems'

export type Errors = Record<string, string>

export class FormState {
  isBusy = $state(false)
  errors = $state<Errors>({})
  problem = $state<Problem | null>(null)
  /** Grows with each refusal, so that the form moves the focus to what is wrong. */
  refusals = $state(0)

  /** `fieldOf` says to which field a problem belongs, by the problem's code; else the problem may name its field. */
  constructor(private readonly fieldOf: Record<string, string> = {}) {}

  /** Do it unless a field has an error; an empty one counts as none. */
  async submit(errors: Errors, act: () => Promise<void>): Promise<void> {
    if (this.isBusy) return
    this.problem = null
    this.errors = Object.fromEntries(Object.entries(errors).filter(([, error]) => error))
    if (Object.keys(this.errors).length) return void this.refusals++
    this.isBusy = true
    try {
      await act()
    } catch (error) {
      this.refuse(problemFrom(error))
    } finally {
      this.isBusy = false
    }
  }

  private refuse(problem: Problem): void {
    if (problem.code === 'cancelled') return
    const { field: named } = problem.more
    const field = this.fieldOf[problem.code] ?? (typeof named === 'string' ? named : '')
    if (field) this.errors = { [field]: wordsOf(problem) }
    else this.problem = problem
    this.refusals++
  }
}
