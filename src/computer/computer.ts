import type { Store } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import type { Images } from '../../models/images.ts'
import type { IconReader } from '../../models/local/icons/index.ts'
import type { Ocr } from '../../models/local/ocr/index.ts'
import { noTaint } from '../../models/taint.ts'
import { createFrames, type Frames } from '../../tools/computer/frames.ts'
import type { AskJudge } from '../../tools/computer/guard/judge.ts'
import { createTargetKnowledge, type TargetKnowledge, type TargetPictures } from '../../tools/computer/guard/target-knowledge.ts'
import type { Commitments } from '../commitments.ts'
import type { Config } from '../config/config.ts'
import type { CheckInput } from '../operations/check-action.ts'
import type { Frames as Originals } from '../operations/frames.ts'
import type { GivenFiles } from '../operations/given-files.ts'
import type { Services } from '../operations/services.ts'
import type { Approvals } from '../runs/approvals.ts'
import type { RunScope } from '../runs/run.ts'
import type { CheckedAction } from './check.ts'
import { createFrameStore } from './frame-store.ts'
import { guardRulesOf } from './guard-rules.ts'
import type { GuardTools } from './judged.ts'
import { keepCheck } from './kept-checks.ts'
import { knownPictures } from './known-pictures.ts'
import { createMasking, type Masking } from './masking.ts'
import { createPastSteps, type PastSteps } from './past-steps.ts'
import { createScreenReader, type ScreenReader } from './reading.ts'
import { createSessions, nothingSpent, type Sessions } from './session.ts'

/** What stands between an agent and a screen. */
export interface Computer {
  readonly frames: Frames
  readonly sessions: Sessions
  readonly reader: ScreenReader
  readonly masking: Masking
  readonly pastSteps: PastSteps
  /** What the guard looks with, under the configuration of now. */
  tools(): GuardTools
  /** @throws {InputError} | {ImageError} | {ComputerActionError} If what was given cannot be used. */
  check(given: CheckInput, scope: RunScope, judge: AskJudge | undefined): Promise<CheckedAction>
  close(): Promise<void>
}

export interface ComputerOptions {
  store: Pick<Store, 'rows' | 'blobs' | 'now'>
  images: Images
  files: GivenFiles
  /** The pictures as they were taken. */
  originals: Originals
  approvals: Approvals
  threads: Pick<Services['threads'], 'get'>
  /** `undefined` where the configuration turns it off. */
  ocr: Ocr | undefined
  signs: IconReader | undefined
  /** Without one, known labels are not compared. */
  embedder: Embedder | undefined
  /** Labels that the deployment knows. */
  targets: () => Config['computer']
  /** Under which actions are judged that belong to no planned step: the policy's default. */
  policy: Services['policy']
  onVerdict?: GuardTools['onVerdict']
  commitments: Commitments
}

export function createComputer({
  store,
  images,
  files,
  originals,
  approvals,
  threads,
  ocr,
  signs,
  embedder,
  targets,
  policy,
  onVerdict,
  commitments,
}: ComputerOptions): Computer {
  const now = () => store.now()
  const frames = createFrames({ images, store: createFrameStore(store), now })
  let known: { of: Config['computer']; knowledge: TargetKnowledge | undefined; pictures: TargetPictures | undefined } | undefined
  /** Made anew when the configuration is: its labels and pictures are embedded at the first question. */
  const knowledgeOf = (of: Config['computer']) => {
    const { safeTargets: safe, riskyTargets: risky, pictures } = of
    if (known?.of !== of) {
      void known?.pictures?.close()
      known = {
        of,
        knowledge: risky.length === 0 || embedder === undefined ? undefined : createTargetKnowledge(embedder, { safe, risky }),
        pictures: pictures && knownPictures(images, pictures),
      }
    }
    return { knowledge: known.knowledge, pictures: known.pictures }
  }
  const reader = createScreenReader(ocr, frames)
  const sessions = createSessions(store.rows, now)
  const tools = () => ({ ocr, signs, ...knowledgeOf(targets()), rules: guardRulesOf(policy().default.guards), onVerdict })
  return {
    frames,
    sessions,
    pastSteps: createPastSteps(store.rows, now),
    reader,
    masking: createMasking({ images, frames, originals, reader }),
    tools,

    async check(given, scope, judge) {
      const thread = given.thread === undefined ? undefined : await threads.get(scope.caller.principal, given.thread)
      const inForce = await commitments.inForce(scope.caller.principal)
      const services = { frames, files, approvals, reader, tools: { ...tools(), judge, commitments: inForce } }
      // The guard knows many words: who never works on a screen does not load them.
      const { checkAction } = await import('./check.ts')
      const { principal } = scope.caller
      const check = async (around: Parameters<typeof checkAction>[3]) => {
        const checked = await checkAction(services, given, scope, around)
        const { actions, verdict, reasons } = checked
        const approved = verdict === 'allow' && given.approval !== undefined
        await keepCheck(store.rows, principal, checked.frame, { at: now(), actions, verdict, reasons, approved })
        return checked
      }
      if (thread === undefined) return check({ thread: undefined, taint: noTaint })
      const { spent = nothingSpent, ...session } = (await sessions.get(principal, thread.thread)) ?? { goal: '', steps: [] }
      // An approval is for a step that was counted when it was asked for.
      const steps = spent.steps + (given.approval === undefined ? 1 : 0)
      await sessions.put(principal, thread.thread, { ...session, spent: { ...spent, steps } })
      return check({
        thread: thread.thread,
        taint: thread.taint ?? noTaint,
        spent: { ...spent, steps: steps - 1 },
      })
    },

    async close() {
      await Promise.all([ocr?.close(), signs?.close(), known?.pictures?.close()])
    },
  }
}
