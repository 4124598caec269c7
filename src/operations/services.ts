import type { Store } from '../../memory/index.ts'
import type { AskedCall, CallSuspicion, SentenceScan } from '../../policies/index.ts'
import type { Browsers } from '../computer/browsers.ts'
import type { Computer } from '../computer/computer.ts'
import type { Config } from '../config/config.ts'
import type { Line } from '../dispatch/line.ts'
import type { ConversationMemory } from '../gateway/conversation-memory.ts'
import type { InstanceView, OtherInstance } from '../instance/view.ts'
import type { Learning } from '../learning/learning.ts'
import type { OutcomeRecorder } from '../learning/recorder.ts'
import type { Approvals } from '../runs/approvals.ts'
import type { RunRegistry } from '../runs/run.ts'
import type { Frames } from './frames.ts'
import type { GivenFiles } from './given-files.ts'
import type { LargeResults } from './large-results.ts'
import type { ResultCache } from './result-cache.ts'

/** What the operations work with: put together once, in `src/box.ts`. */
export interface Services extends Line {
  readonly config: () => Config
  readonly store: Store
  readonly approvals: Approvals
  readonly runs: RunRegistry
  readonly frames: Frames
  readonly computer: Computer
  readonly browsers: Browsers
  readonly files: GivenFiles
  readonly results: LargeResults
  readonly cache: ResultCache
  readonly outcomes: OutcomeRecorder
  readonly conversationMemory: Pick<ConversationMemory, 'forget'>
  readonly learning: Pick<Learning, 'ranking' | 'forget'>
  readonly embedder: () => EmbedderState
  /** How little a call follows from what was asked for, and from where that counts. @throws {Error} Without an embedder. */
  readonly suspicionOf: (call: AskedCall, signal: AbortSignal) => Promise<CallSuspicion>
  /** Looks for sentences that give orders to the model. @throws {Error} Without an embedder. */
  readonly scanSentences: (text: string, signal: AbortSignal) => Promise<SentenceScan>
  readonly instance: () => { readonly own: InstanceView; readonly others: readonly OtherInstance[] }
  readonly version: string
}

export interface EmbedderState {
  readonly id: string
  /** `onnxruntime-node`, `onnxruntime-web`, `endpoint`, or `none`: search is by words alone then. `undefined` before its first use. */
  readonly runtime: string | undefined
  readonly error?: string | undefined
  /** How to get a better one, when there is one. */
  readonly advice?: string | undefined
}
