import { readFileSync } from 'node:fs'
import { type Consequence, consequences } from '../../models/computer/consequence.ts'
import { filledPatterns } from '../text-head/grammar.ts'

/** A control as its words tell of it, and what it does. */
export interface ControlRow {
  readonly text: string
  /** What is typed into it, what a sign without words is said to be, or what stands on what is pressed. */
  readonly kind: 'press' | 'type' | 'sign'
  readonly language: string
  readonly classes: readonly Consequence[]
}

/** With how many texts are made of each line: a pattern of one language has many. */
const learnt: readonly (readonly [string, number])[] = [
  ['actions.txt', 12],
  ['everyday.txt', 12],
  ...['en', 'de', 'zh', 'es', 'fr', 'it', 'pt', 'nl', 'ja', 'more'].map((language) => [`${language}.txt`, 40] as const),
  // Of products: one to a line is enough, but for the patterns among them.
  ...['security.txt', 'security-de.txt', 'security-zh.txt', 'deeds.txt', 'deeds-de.txt', 'deeds-zh.txt', 'wider.txt'].map(
    (file) => [file, 120] as const,
  ),
  ['navigation.txt', 500],
  ['names.txt', 400],
]

/** What the head learns from. */
export function controlRows(): ControlRow[] {
  return rowsOf(learnt)
}

/** Written with other products in mind, and never learnt from: those that are the same, word for word, are left out. */
export function unseenRows(): ControlRow[] {
  const keyOf = ({ kind, text }: ControlRow) => `${kind} ${text.toLowerCase()}`
  const known = new Set(controlRows().map(keyOf))
  return rowsOf([
    ['unseen.txt', 12],
    ['unseen-second.txt', 12],
  ]).filter((row) => !known.has(keyOf(row)))
}

/** The same words may do one thing here and another there: a row has all that they were written for. */
function rowsOf(files: readonly (readonly [string, number])[]): ControlRow[] {
  const rows = new Map<string, ControlRow & { classes: Consequence[] }>()
  for (const [file, most] of files) {
    for (const { kind: heading, texts } of filledPatterns(readFileSync(new URL(file, import.meta.url), 'utf8'), { split: true, most })) {
      const [name = '', language = ''] = heading.split(' ')
      for (const whole of texts) {
        const kind = whole.startsWith('type:') ? 'type' : whole.startsWith('~') ? 'sign' : 'press'
        const text = whole.replace(/^(?:type:|~)/, '')
        const key = `${kind} ${text}`
        const row = rows.get(key) ?? { text, kind, language, classes: [] }
        const known = consequences.find((one) => one === name)
        if (known !== undefined && !row.classes.includes(known)) row.classes.push(known)
        rows.set(key, row)
      }
    }
  }
  return [...rows.values()]
}
