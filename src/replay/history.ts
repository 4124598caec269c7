import type { Embedder } from '../../models/embedder.ts'
import type { Config } from '../config/config.ts'
import type { Line } from '../dispatch/line.ts'
import { type Askable, loadPolicy } from '../load-policy.ts'
import { type ReplayReport, replay } from './replay.ts'
import { readReplayable } from './replayable.ts'

export interface ReplayRequest {
  readonly policy: Config['policy']
  /** Epoch milliseconds. */
  readonly since: number
  readonly signal: AbortSignal
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

export interface HistoryReplay extends ReplayReport {
  /** Decisions that keep no step, such as those of an earlier version. */
  readonly skipped: number
  /** Whether older ones were left out, since only the newest are looked at. */
  readonly more: boolean
}

const most = 20_000

/** The recorded decisions of this instance under another policy, with the pools that are configured now. */
export async function replayHistory(
  { policy, since, signal, onProgress }: ReplayRequest,
  { decisions, pools, embedText }: Pick<Line, 'decisions' | 'pools' | 'embedText'>,
  { embedder, ...askable }: Askable & { readonly embedder: Embedder },
): Promise<HistoryReplay> {
  const configured = pools()
  const loaded = await loadPolicy({ policy }, { pools: configured, embedder, ...askable })
  const history = await readReplayable(decisions, { since, most, signal })
  const report = await replay(history.decisions, { policy: loaded, pools: configured, embedText, signal, onProgress })
  return { ...report, skipped: history.skipped, more: history.more }
}
