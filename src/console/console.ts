import { anyPrincipal } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import type { OwnKinds } from '../../policies/index.ts'
import type { Services } from '../operations/services.ts'
import { changeCommitment, listCommitments } from './commitments.ts'
import { frameImage, listFrames, readFrame } from './frames.ts'
import { poolHistory } from './history.ts'
import { approvalFields, createLive, type Live, waitingApprovals } from './live.ts'
import { createPolicies, type Policies } from './policies.ts'
import { startView } from './start.ts'
import { listSteps, readStep } from './steps.ts'
import { searchTools, toolsView } from './tools.ts'
import type {
  CommitmentView,
  FoundTools,
  FrameDetail,
  FramePage,
  PoolHistory,
  StartView,
  StepDetail,
  StepPage,
  ToolsView,
  WaitingApproval,
} from './wire.ts'

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
  commitments(): Promise<readonly CommitmentView[]>
  /** Takes up what was said, or ends what binds. `undefined`: there is none of this id to do that with. */
  changeCommitment(id: string, verb: 'accept' | 'lift'): Promise<CommitmentView | undefined>
  pools(hours: number): Promise<PoolHistory>
  tools(): Promise<ToolsView>
  searchTools(need: string, signal: AbortSignal): Promise<FoundTools>
  /** Accepts a definition that was shown by its hash. @throws {ToolError} If another one is offered by now. */
  acceptPin(name: string, hash: string): Promise<void>
  frames(cursor: string | undefined): Promise<FramePage>
  frame(id: string): Promise<FrameDetail | undefined>
  /** Without what is secret on it. */
  frameImage(id: string): ReturnType<typeof frameImage>
  /** Who has steps, so that one of them can be looked at. */
  principals(): Promise<readonly string[]>
  start(signal: AbortSignal): Promise<StartView>
}

/** So many steps say who is there. */
const stepsLookedAt = 500

export function createConsole(services: Services, embedder: Embedder, own?: OwnKinds): Console {
  return {
    live: createLive(services),
    policies: createPolicies(services, embedder, own),
    steps: (cursor) => listSteps(services, cursor),
    step: (id) => readStep(services, id),
    approvals: () => waitingApprovals(services.approvals),
    async decide(id, verdict) {
      const decided = await services.approvals.decide(anyPrincipal, id, verdict, 'console')
      return decided && approvalFields(decided)
    },
    pools: (hours) => poolHistory(services, hours),
    tools: () => toolsView(services),
    searchTools: (need, signal) => searchTools(services, need, signal),
    acceptPin: (name, hash) => services.host.acceptPin(name, hash),
    commitments: () => listCommitments(services.commitments),
    changeCommitment: (id, verb) => changeCommitment(services.commitments, id, verb),
    frames: (cursor) => listFrames(services, cursor),
    frame: (id) => readFrame(services, id),
    frameImage: (id) => frameImage(services, id),
    async principals() {
      const { decisions } = await services.decisions.list(anyPrincipal, { limit: stepsLookedAt })
      return [...new Set(['local', ...decisions.map(({ principal }) => principal)])]
    },
    start: (signal) => startView(services, signal),
  }
}
