// A resource of the server that a view loads, shows and loads again; its value stays while a later request fails.
import type { Problem } from '../lib/api'
import { problemFrom } from './problems'

export class Resource<Value> {
  value = $state.raw<Value>()
  problem = $state<Problem | null>(null)

  constructor(private readonly load: () => Promise<Value>) {}

  refresh = async (): Promise<void> => {
    try {
      this.value = await this.load()
      this.problem = null
    } catch (error) {
      this.problem = problemFrom(error)
    }
  }
}
