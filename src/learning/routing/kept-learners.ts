import type { RowStore } from '../../../memory/index.ts'
import type { BanditState, Stage } from '../../../policies/index.ts'

/** What is kept of a selector that learns: how far it may decide, and what it knows. */
export interface LearnerState {
  readonly name: string
  readonly stage: Stage
  /** Epoch milliseconds. */
  readonly since: number
  /** Who put it there. */
  readonly by: 'start' | 'evaluation' | 'hand'
  /** Why, in a sentence. */
  readonly why: string
  /** What the incumbent earned when it was promoted: below that it goes back. */
  readonly baseline?: number | undefined
  readonly bandit?: BanditState | undefined
  /** Lessons by principal. */
  readonly lessons: Readonly<Record<string, number>>
}

/** Rows of the instance: no caller owns what was learnt, and all processes of an instance share it. */
const instance = 'instance'
const kind = 'routing-learner'

export interface KeptLearners {
  list(): Promise<LearnerState[]>
  /** The state as it is after the change, which sees what other processes have written. One that is new begins in its shadow. */
  change(name: string, to: (state: LearnerState) => LearnerState | undefined): Promise<LearnerState>
}

export function createKeptLearners(rows: RowStore, clock: () => number): KeptLearners {
  return {
    async list() {
      const { rows: found } = await rows.list<LearnerState>(instance, kind, { limit: 500 })
      return found.map(({ value }) => value).toSorted((left, right) => (left.name < right.name ? -1 : 1))
    },

    async change(name, to) {
      const start: LearnerState = {
        name,
        stage: 'shadow',
        since: clock(),
        by: 'start',
        why: 'every selector that learns begins so',
        lessons: {},
      }
      await rows.insert(instance, kind, name, start)
      return (await rows.update<LearnerState>(instance, kind, name, to)) ?? start
    },
  }
}
