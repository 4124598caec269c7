import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { consequences } from '../models/computer/consequence.ts'
import { controlFeatures } from '../models/local/text-head/consequences.ts'
import { encodeTextHead, scoreText } from '../models/local/text-head/text-head.ts'
import { classesIn, isHarmless, isHarmlessDescription } from '../tools/computer/guard/consent-words.ts'
import { type ControlRow, controlRows, unseenRows } from './consequences/rows.ts'
import { fitHead } from './text-head/fit.ts'
import { textsOfPrograms } from './text-head/packages.ts'

/*
 * Trains the head that knows what a control does by its words (`models/local/text-head/consequences.head`): `node scripts/train-consequences.ts`,
 * with SIGNALBOX_TEXTS for texts of programs. SHOW=1 prints what it takes for the other.
 *
 * It learns from labels that were written for this (`scripts/consequences`), in fourteen languages. What it has not seen (`unseen.txt`,
 * `unseen-second.txt`) was written apart, with other products in mind: the threshold lets at most three in two hundred of its everyday
 * controls be taken for another, of those that the guard asks it about. Those that its word lists know as harmless it does not.
 */
const buckets = 1 << 16
const everydayRate = 0.015
const lowestThreshold = 0.3
/** Labels with consequences count as those without: to weigh them more only made the head take more harmless ones for them. */
const labelWeight = 3
/** They are mostly no labels, and may name what a label does. */
const programsWeight = 0.15
const longestProgramText = 60

const programs = textsOfPrograms()
  .filter(({ kind, text }) => kind.startsWith('program') && text.length < longestProgramText && classesIn(text).length === 0)
  .map(({ kind, text }): ControlRow => ({ text, kind: 'press', language: kind, classes: [] }))
const own = controlRows()
const weightOf = ({ language }: ControlRow) => (language.startsWith('program') ? programsWeight : labelWeight)
const examples = [...own, ...programs].map((row) => ({
  features: controlFeatures(row.text, row.kind, buckets),
  labels: row.classes.map((name) => consequences.indexOf(name)),
  weight: weightOf(row),
}))
const head = fitHead(examples, { labels: [...consequences], buckets, decay: 3e-5, epochs: 8 })

const isKnown = ({ kind, text }: ControlRow) => (kind === 'press' ? isHarmless(text) : kind === 'sign' && isHarmlessDescription(text))
const unseen = unseenRows().map((row) => ({
  row,
  scores: isKnown(row) ? consequences.map(() => 0) : scoreText({ ...head, thresholds: [] }, controlFeatures(row.text, row.kind, buckets)),
}))
const mostOf = (scores: readonly number[]) => Math.max(...scores)
const everyday = unseen.filter(({ row }) => row.classes.length === 0)
const consequential = unseen.filter(({ row }) => row.classes.length > 0)
const asked = everyday.map(({ scores }) => mostOf(scores)).toSorted((left, right) => right - left)
const threshold = Math.round(1000 * Math.max(lowestThreshold, asked[Math.floor(asked.length * everydayRate)] ?? 1)) / 1000
const isFound = ({ row, scores }: (typeof unseen)[number]) =>
  row.classes.some((name) => (scores[consequences.indexOf(name)] ?? 0) > threshold)
const share = (some: typeof unseen, is: (one: (typeof unseen)[number]) => boolean) =>
  some.length === 0 ? 0 : Math.round((1000 * some.filter(is).length) / some.length) / 1000
const measured = {
  controls: own.length,
  unseen: unseen.length,
  unseen_found: share(consequential, isFound),
  unseen_everyday_taken_for_another: share(everyday, ({ scores }) => mostOf(scores) > threshold),
}
if (process.env['SHOW'] !== undefined) {
  for (const [key, some] of Map.groupBy(consequential, ({ row }) => `${row.language} ${row.classes[0]}`))
    console.log(key, some.length, share(some, isFound))
  for (const one of unseen) {
    const { row, scores } = one
    if (row.classes.length > 0 ? isFound(one) : mostOf(scores) <= threshold) continue
    const likeliest = consequences[scores.indexOf(mostOf(scores))]
    console.log(row.classes.join() || 'TAKEN', row.kind, row.language, row.text, likeliest, mostOf(scores).toFixed(2))
  }
}
const trained_on = 'labels of scripts/consequences, Apache-2.0; texts of TypeScript 5.9 (Apache-2.0) and Monaco 0.52 (MIT)'
const bytes = encodeTextHead({ ...head, thresholds: consequences.map(() => threshold), trained_on, measured, packing: 'brotli' })
writeFileSync(fileURLToPath(new URL('../models/local/text-head/consequences.head', import.meta.url)), bytes)
console.log(`consequences: ${(bytes.length / 1000).toFixed(0)} KB, threshold ${threshold}, ${JSON.stringify(measured)}`)
