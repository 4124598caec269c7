import type { RowStore } from '../../memory/index.ts'
import type { LearnedModel, Verdict } from '../../tools/learning/learned.ts'
import { fromBase64, toBase64 } from './outcome-entry.ts'

/** What all processes of an instance know of the learning: small, and looked at often. */
export interface LearningState {
  /** Epoch ms of the last learning, whatever came of it. */
  readonly learnedAt: number
  /** Entries that were there then. */
  readonly entries: number
  readonly verdict?: Verdict | undefined
  /** What ranks now. */
  readonly model?: ModelFacts | undefined
  /** Who learns now, and until when nobody else does. */
  readonly lease?: { readonly owner: string; readonly until: number } | undefined
}

export interface ModelFacts {
  readonly id: string
  /** `undefined` for a model from before formats were counted. */
  readonly format?: number | undefined
  readonly embedder: string
  readonly learnedAt: number
  /** Whose outcomes it was learnt from. One person's alone ranks for that person alone. */
  readonly principals: readonly string[]
}

export interface KeptModel {
  state(): Promise<LearningState>
  /** Takes the right to learn, unless another has it or `may` says no. */
  take(owner: string, until: number, may: (state: LearningState) => boolean): Promise<boolean>
  /** Puts what came of it in place and gives the right back. `false` when the right was lost meanwhile, and nothing was changed. */
  finish(
    owner: string,
    done: { entries: number; verdict: Verdict; promoted?: { model: LearnedModel; facts: ModelFacts } | undefined },
  ): Promise<boolean>
  /** Gives the right back and changes nothing else. */
  release(owner: string): Promise<void>
  load(facts: ModelFacts): Promise<LearnedModel | undefined>
  /** Removes a model that nobody can use; it may be learnt anew at once. */
  drop(facts: ModelFacts): Promise<void>
  /** Removes a model that was learnt from this caller's outcomes; it may be learnt anew at once. */
  forget(principal: string): Promise<void>
}

/** Rows of the instance: no caller owns what was learnt, and retention by age does not take it. */
const instance = 'instance'
const kind = 'tool-learning'
const stateRow = 'state'
const modelRow = 'model'
const none: LearningState = { learnedAt: Number.NEGATIVE_INFINITY, entries: 0 }

interface StoredModel {
  readonly id: string
  readonly facts: LearnedModel['facts']
  readonly vectors: string
}

export function createKeptModel(rows: RowStore, clock: () => number): KeptModel {
  const read = async () => (await rows.get<LearningState>(instance, kind, stateRow))?.value
  const change = (to: (state: LearningState) => LearningState | undefined) =>
    rows.update<LearningState>(instance, kind, stateRow, (state) => to(state))

  return {
    state: async () => (await read()) ?? none,

    async take(owner, until, may) {
      // JSON has no endless past.
      await rows.insert(instance, kind, stateRow, { ...none, learnedAt: 0 })
      const state = await change((now) => {
        const isHeld = now.lease !== undefined && now.lease.owner !== owner && now.lease.until > clock()
        return isHeld || !may(now) ? undefined : { ...now, lease: { owner, until } }
      })
      return state?.lease?.owner === owner
    },

    async finish(owner, { entries, verdict, promoted }) {
      const isMine = (state: LearningState | undefined) => state?.lease?.owner === owner
      if (!isMine(await read())) return false
      if (promoted !== undefined) {
        const { id, facts, vectors } = promoted.model
        await rows.put(instance, kind, modelRow, { id, facts, vectors: toBase64(vectors) } satisfies StoredModel)
      }
      const state = await change((now) => {
        if (!isMine(now)) return undefined
        const model = promoted?.facts ?? (verdict.decision === 'rollback' ? undefined : now.model)
        return { learnedAt: clock(), entries, verdict, model }
      })
      const isDone = state !== undefined && state.lease === undefined
      // What lost its right between the two writes, because of a removal, leaves nothing behind.
      const stored = (await rows.get<StoredModel>(instance, kind, modelRow))?.value
      if (stored !== undefined && stored.id !== state?.model?.id) await rows.delete(instance, kind, modelRow)
      return isDone
    },

    async release(owner) {
      await change((state) => (state.lease?.owner === owner ? { ...state, lease: undefined } : undefined))
    },

    async load(facts) {
      const stored = (await rows.get<StoredModel>(instance, kind, modelRow))?.value
      return stored?.id === facts.id ? { id: stored.id, facts: stored.facts, vectors: fromBase64(stored.vectors) } : undefined
    },

    async drop({ id }) {
      await change((state) => (state.model?.id === id ? { ...state, learnedAt: 0, entries: 0, model: undefined } : undefined))
      if ((await rows.get<StoredModel>(instance, kind, modelRow))?.value.id === id) await rows.delete(instance, kind, modelRow)
    },

    async forget(principal) {
      const before = await read()
      // A learning that is under way may have read what is forgotten: it loses its right.
      await change((state) => {
        const holds = state.model?.principals.includes(principal) === true
        return holds || state.lease !== undefined ? { learnedAt: 0, entries: 0, ...(!holds && { model: state.model }) } : undefined
      })
      if (before?.model?.principals.includes(principal) === true) await rows.delete(instance, kind, modelRow)
    },
  }
}
