import { anyPrincipal } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import type { Services } from '../operations/services.ts'
import { approvalFields, createLive, type Live, waitingApprovals } from './live.ts'
import { createPolicies, type Policies } from './policies.ts'
import { listSteps, readStep } from './steps.ts'
import type { StepDetail, StepPage, WaitingApproval } from './wire.ts'

/**
 * What the owner of the instance sees of all its callers, and decides for them: for the console alone, which asks for the token
 * of the instance. What a caller can do by itself it does as an operation, here as everywhere.
 */
export interface Console {
  readonly live: Live
  readonly policies: Policies
  steps(cursor: string | undefined): Promise<StepPage>
  step(id: string): Promise<StepDetail | undefined>
  approvals(): Promise<readonly WaitingApproval[]>
  /** `undefined`: nothing of this id waits. */
  decide(id: string, verdict: 'accepted' | 'denied'): Promise<WaitingApproval | undefined>
}

export function createConsole(services: Services, embedder: Embedder): Console {
  return {
    live: createLive(services),
    policies: createPolicies(services, embedder),
    steps: (cursor) => listSteps(services, cursor),
    step: (id) => readStep(services, id),
    approvals: () => waitingApprovals(services.approvals),
    async decide(id, verdict) {
      const decided = await services.approvals.decide(anyPrincipal, id, verdict, 'console')
      return decided && approvalFields(decided)
    },
  }
}
