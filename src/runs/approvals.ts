import type { PrincipalFilter, RowStore } from '../../memory/store.ts'
import { createId } from '../../models/ids.ts'
import { pause } from '../pause.ts'
import { removeRows } from './remove-rows.ts'
import type { Effect, Verdict } from './run.ts'

/** What waits for a person: bound to principal, tool and arguments, and good for one run. */
export interface Approval extends Effect {
  readonly id: string
  readonly principal: string
  readonly handle: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly status: 'pending' | 'accepted' | 'denied' | 'used' | 'expired'
  /** Where it was decided: `elicitation`, `command line`, `console`. */
  readonly decidedBy?: string | undefined
}

export interface Approvals {
  create(request: Effect & { principal: string; handle: string }): Promise<Approval>
  get(principal: PrincipalFilter, id: string): Promise<Approval | undefined>
  /** Pending ones, newest first. */
  list(principal: PrincipalFilter): Promise<Approval[]>
  /** `undefined` when there is no such approval, or it was decided or has expired already. */
  decide(principal: PrincipalFilter, id: string, verdict: 'accepted' | 'denied', by: string): Promise<Approval | undefined>
  /** Removes decided and expired ones that hold what is meant. */
  forget(principal: string, isMeant: (value: unknown) => boolean): Promise<void>
  /** Uses up an accepted approval of exactly this effect, if one is there. */
  take(principal: string, effect: Effect): Promise<boolean>
  /** The newest of exactly this effect that still counts: pending, accepted or denied. */
  find(principal: string, effect: Pick<Effect, 'tool' | 'argumentsHash'>): Promise<Approval | undefined>
  /**
   * A client says that its person has accepted what was done with it: that uses it up.
   *
   * @returns Why it does not count, in a sentence. What nobody knows any more, and what was used, is settled.
   */
  acknowledge(principal: string, id: string, by: string): Promise<string | undefined>
  /**
   * Uses up the approval of this id if it was accepted and is for exactly this effect. `unknown` is one that is not there, belongs to
   * somebody else, was used, or was for something else.
   */
  redeem(
    principal: string,
    id: string,
    effect: Pick<Effect, 'tool' | 'argumentsHash'>,
  ): Promise<'accepted' | 'pending' | 'denied' | 'expired' | 'unknown'>
  /** Resolves when the approval is decided, here or by another process. An accepted one is used up by this. */
  verdict(approval: Approval, signal: AbortSignal): Promise<Verdict>
}

const kind = 'approval'
const approvalLifetimeMs = 5 * 60_000
const pollMs = 250

/** Approvals in the shared store, so that the command line of another process can decide them. */
export function createApprovals(rows: RowStore, clock: () => number = Date.now): Approvals {
  const use = async (principal: string, id: string): Promise<boolean> => {
    let used = false
    await rows.update<Approval>(principal, kind, id, (approval) => {
      used = approval.status === 'accepted' && approval.expiresAt > clock()
      return used ? { ...approval, status: 'used' } : undefined
    })
    return used
  }

  return {
    async create(request) {
      const now = clock()
      const approval: Approval = {
        ...request,
        id: createId('approval'),
        createdAt: now,
        expiresAt: now + approvalLifetimeMs,
        status: 'pending',
      }
      await rows.put(request.principal, kind, approval.id, approval, { expiresAt: now + 24 * 3600_000 })
      return approval
    },

    async get(principal, id) {
      return (await rows.get<Approval>(principal, kind, id))?.value
    },

    async list(principal) {
      const { rows: found } = await rows.list<Approval>(principal, kind, { limit: 200 })
      return found.map((row) => row.value).filter((one) => one.status === 'pending' && one.expiresAt > clock())
    },

    async decide(principal, id, verdict, by) {
      let decided: Approval | undefined
      await rows.update<Approval>(principal, kind, id, (approval) => {
        if (approval.status !== 'pending' || approval.expiresAt <= clock()) return undefined
        decided = { ...approval, status: verdict, decidedBy: by }
        return decided
      })
      return decided
    },

    async forget(principal, isMeant) {
      const isOver = ({ status, expiresAt }: Approval) => status !== 'pending' || expiresAt <= clock()
      await removeRows<Approval>(rows, principal, kind, (approval) => isOver(approval) && isMeant(approval))
    },

    async take(principal, effect) {
      const { rows: found } = await rows.list<Approval>(principal, kind, { limit: 200 })
      for (const { value } of found) {
        const same = value.tool === effect.tool && value.argumentsHash === effect.argumentsHash
        if (same && value.status === 'accepted' && (await use(principal, value.id))) return true
      }
      return false
    },

    async find(principal, { tool, argumentsHash }) {
      const { rows: found } = await rows.list<Approval>(principal, kind, { limit: 200 })
      return found
        .map(({ value }) => value)
        .filter((one) => one.tool === tool && one.argumentsHash === argumentsHash && one.expiresAt > clock())
        .filter(({ status }) => status === 'pending' || status === 'accepted' || status === 'denied')
        .toSorted((one, other) => other.createdAt - one.createdAt)[0]
    },

    async acknowledge(principal, id, by) {
      let refused: string | undefined
      await rows.update<Approval>(principal, kind, id, (approval) => {
        if (approval.status === 'used') return undefined
        if (approval.status === 'denied') refused = 'a person has said no'
        else if (approval.expiresAt <= clock()) refused = 'it came after the approval had ended'
        return refused === undefined ? { ...approval, status: 'used', decidedBy: approval.decidedBy ?? by } : undefined
      })
      return refused
    },

    async redeem(principal, id, { tool, argumentsHash }) {
      const found = (await rows.get<Approval>(principal, kind, id))?.value
      if (found === undefined || found.tool !== tool || found.argumentsHash !== argumentsHash) return 'unknown'
      if (found.status === 'denied') return 'denied'
      if (found.expiresAt <= clock()) return 'expired'
      if (found.status === 'pending') return 'pending'
      return found.status === 'accepted' && (await use(principal, id)) ? 'accepted' : 'unknown'
    },

    async verdict(approval, signal) {
      while (true) {
        signal.throwIfAborted()
        const now = await rows.get<Approval>(approval.principal, kind, approval.id)
        if (now === undefined) return 'denied'
        if (now.value.status === 'accepted' && (await use(approval.principal, approval.id))) return 'accepted'
        if (now.value.status === 'denied' || now.value.status === 'used') return 'denied'
        if (now.value.expiresAt <= clock()) return 'expired'
        await pause(pollMs, signal)
      }
    },
  }
}
