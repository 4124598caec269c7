import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { consequences } from '../models/computer/consequence.ts'
import { controlFeatures } from '../models/local/text-head/consequences.ts'
import { encodeTextHead, scoreText } from '../models/local/text-head/text-head.ts'
import { isHarmless, isHarmlessDescription } from '../tools/computer/guard/consent-words.ts'
import { type ControlRow, controlRows, folds } from './consequences/rows.ts'
import { fitHead } from './text-head/fit.ts'
import { textsOfPrograms } from './text-head/packages.ts'

/*
 * Trains the head that knows what a control does by its words (`models/local/text-head/consequences.head`): `node scripts/train-consequences.ts`,
 * with SIGNALBOX_TEXTS for texts of programs. SHOW=1 prints what it takes for the other.
 *
 * It learns from labels that were written for this (`scripts/consequences`). The threshold lets three of a hundred everyday controls (a third of them names that look like deeds) be
 * taken for another, each judged by a head that has not seen it; those that the guard's word lists know as harmless are not asked about.
 */
const buckets = 1 << 14
const everydayRate = 0.03
/** They are mostly no labels, and may name what a label does. */
const programsWeight = 0.3
const longestProgramText = 60

const programs = textsOfPrograms()
  .filter(({ kind, text }) => kind.startsWith('program') && text.length < longestProgramText)
  .map(({ kind, text }, place): ControlRow => ({ text, kind: 'press', language: kind, classes: [], fold: place % folds }))
const rows = [...controlRows(), ...programs]
const examples = rows.map((row) => ({
  row,
  features: controlFeatures(row.text, row.kind, buckets),
  labels: row.classes.map((name) => consequences.indexOf(name)),
  weight: row.language.startsWith('program') ? programsWeight : 1,
}))
const options = { labels: [...consequences], buckets, decay: 0.002 }

const seen: { row: ControlRow; scores: number[] }[] = []
for (let fold = 0; fold < folds; fold += 1) {
  const head = fitHead(
    examples.filter(({ row }) => row.fold !== fold),
    options,
  )
  for (const { row, features } of examples.filter((one) => one.row.fold === fold))
    seen.push({ row, scores: scoreText({ ...head, thresholds: [] }, features) })
}
const mostOf = (scores: readonly number[]) => Math.max(...scores)
const own = seen.filter(({ row }) => !row.language.startsWith('program'))
const everyday = own.filter(({ row }) => row.classes.length === 0)
const isKnown = ({ kind, text }: ControlRow) => (kind === 'press' ? isHarmless(text) : kind === 'sign' && isHarmlessDescription(text))
const asked = everyday.map(({ row, scores }) => (isKnown(row) ? 0 : mostOf(scores)))
const threshold = Math.round(1000 * (asked.toSorted((left, right) => right - left)[Math.floor(asked.length * everydayRate)] ?? 1)) / 1000
const found = ({ row, scores }: (typeof seen)[number]) => row.classes.some((name) => (scores[consequences.indexOf(name)] ?? 0) > threshold)
const share = (some: typeof seen, is: (one: (typeof seen)[number]) => boolean) =>
  some.length === 0 ? 0 : Math.round((1000 * some.filter(is).length) / some.length) / 1000
const consequential = own.filter(({ row }) => row.classes.length > 0)
const measured = {
  controls: own.length,
  folds,
  found: share(consequential, found),
  everyday_taken_for_another: everydayRate,
  texts_of_programs_taken_for_another: share(
    seen.filter(({ row }) => row.language.startsWith('program')),
    ({ scores }) => mostOf(scores) > threshold,
  ),
}
if (process.env['SHOW'] !== undefined) {
  for (const name of consequences) {
    const some = consequential.filter(({ row }) => row.classes[0] === name)
    console.log(name, some.length, share(some, found))
  }
  for (const one of own) {
    const { row, scores } = one
    const isTaken = mostOf(scores) > threshold
    if (row.classes.length > 0 ? !found(one) : isTaken)
      console.log(
        row.classes.join() || 'TAKEN',
        row.kind,
        row.text,
        consequences[scores.indexOf(mostOf(scores))],
        mostOf(scores).toFixed(2),
      )
  }
}
const trained_on = 'labels of scripts/consequences, Apache-2.0; texts of TypeScript 5.9 (Apache-2.0) and Monaco 0.52 (MIT)'
const bytes = encodeTextHead({ ...fitHead(examples, options), thresholds: consequences.map(() => threshold), trained_on, measured })
writeFileSync(fileURLToPath(new URL('../models/local/text-head/consequences.head', import.meta.url)), bytes)
console.log(`consequences: ${(bytes.length / 1000).toFixed(0)} KB, threshold ${threshold}, ${JSON.stringify(measured)}`)
