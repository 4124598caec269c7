import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMiniLM } from '../models/local/index.ts'
import { createPrepared } from './learning/vectors.ts'
import { benchIntents } from './signals/intents.ts'
import { benchLanguages } from './signals/languages.ts'
import { benchComplexity, benchDomain, benchFeedback } from './signals/shipped.ts'
import { benchSignalSpeed } from './signals/speed.ts'
import { folder } from './tool-search/data.ts'

/** Measures the signals that are learnt, each beside its baselines. Some twenty thousand texts are embedded: minutes, at the first run. */
export async function benchSignals(): Promise<void> {
  await benchLanguages()
  if (process.argv.includes('--languages')) return
  console.log()
  if (!existsSync(join(folder, 'clinc150'))) {
    console.log(
      `Signals: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds clinc150, banking77, routellm and vllm-sr-cases.`,
    )
    return
  }
  const embedder = createMiniLM()
  const prepared = createPrepared(embedder)
  try {
    await benchIntents(prepared)
    console.log()
    await benchDomain(prepared)
    console.log()
    await benchComplexity(prepared)
    console.log()
    await benchFeedback(prepared)
    console.log()
    await benchSignalSpeed(embedder)
  } finally {
    await embedder.close()
  }
}

if (import.meta.main) await benchSignals()
