import { join } from 'node:path'
import { createDecisionLog, openSqliteStore } from '../../memory/index.ts'
import { restoreStep, type Step } from '../../policies/index.ts'
import type { Config } from '../config/config.ts'
import { readReplayable } from './replayable.ts'

/** More say nothing new about how rules meet, and each has its signals computed. */
const most = 5000

/** Steps of recorded decisions of all callers, from `since` on (epoch milliseconds), at most the newest 5,000. */
export async function readRecordedSteps(
  { dataFolder, retention }: Pick<Config, 'dataFolder' | 'retention'>,
  since: number,
  signal: AbortSignal,
): Promise<Step[]> {
  const store = await openSqliteStore({ path: join(dataFolder, 'signalbox.db'), retention })
  try {
    const { decisions } = await readReplayable(createDecisionLog(store), { since, most, signal })
    return decisions.map(({ step, principal }) => restoreStep(step, principal))
  } finally {
    await store.close()
  }
}
