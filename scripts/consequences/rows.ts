import { readFileSync } from 'node:fs'
import { type Consequence, consequences } from '../../models/computer/consequence.ts'
import { filledPatterns } from '../text-head/grammar.ts'

export const folds = 3

/** A control as its words tell of it, and what it does. */
export interface ControlRow {
  readonly text: string
  /** What is typed into it, what a sign without words is said to be, or what stands on what is pressed. */
  readonly kind: 'press' | 'type' | 'sign'
  readonly language: string
  readonly classes: readonly Consequence[]
  readonly fold: number
}

/** The same words may do one thing here and another there: a row has all that they were written for. */
export function controlRows(): ControlRow[] {
  const rows = new Map<string, ControlRow & { classes: Consequence[] }>()
  let place = 0
  for (const file of ['actions.txt', 'everyday.txt']) {
    for (const { kind: heading, texts } of filledPatterns(readFileSync(new URL(file, import.meta.url), 'utf8'), {
      split: true,
      most: 12,
    })) {
      place += 1
      const [name = '', language = ''] = heading.split(' ')
      for (const whole of texts) {
        const kind = whole.startsWith('type:') ? 'type' : whole.startsWith('~') ? 'sign' : 'press'
        const text = whole.replace(/^(?:type:|~)/, '')
        const key = `${kind} ${text}`
        const row = rows.get(key) ?? { text, kind, language, classes: [], fold: place % folds }
        const known = consequences.find((one) => one === name)
        if (known !== undefined && !row.classes.includes(known)) row.classes.push(known)
        rows.set(key, row)
      }
    }
  }
  return [...rows.values()]
}
