import { numbersIn, type WrittenNumber } from './numbers.ts'

/** What stands behind the label of a printed row. */
export interface PrintedRow {
  readonly numbers: readonly WrittenNumber[]
  /** By the name of the column, where the table has bars. */
  readonly cells: ReadonlyMap<string, readonly WrittenNumber[]>
}

/** What a program has printed: tables with bars, those of `console.table`, columns that are spaces apart, and sentences. */
export interface Printed {
  /** The first row of this label, or the first below the line that has `under` in it; else the first line that begins so. */
  row(label: string, under?: string | undefined): PrintedRow | undefined
}

interface Line extends PrintedRow {
  readonly text: string
  readonly label: string
}

export function readPrinted(output: string): Printed {
  const lines: Line[] = []
  let head: readonly string[] = []
  let isInside = false
  for (const text of output.split('\n').map((line) => line.trim())) {
    if (/^[|│]/.test(text)) {
      const cells = text
        .split(/[|│]/)
        .slice(1, -1)
        .map((cell) => cell.trim())
      if (!isInside) head = cells
      const [label = '', ...others] = cells
      const named = others.map((cell, index) => [head[index + 1] ?? '', numbersIn(cell)] as const)
      lines.push({ text, label, numbers: named.flatMap(([, numbers]) => numbers), cells: new Map(named) })
    } else {
      const [label = '', ...others] = text.split(/\s{2,}/)
      lines.push({ text, label, numbers: numbersIn(others.join('  ')), cells: new Map() })
    }
    // The frame of a `console.table` stands above its head.
    isInside = /^[|│├└]/.test(text)
  }
  return {
    row(label, under) {
      const start = under === undefined ? 0 : lines.findIndex(({ text }) => text.includes(under))
      const below = start === -1 ? [] : lines.slice(start)
      const row = below.find((line) => line.label === label)
      if (row !== undefined) return row
      const sentence = below.find(({ text }) => text.startsWith(label))
      return sentence && { numbers: numbersIn(sentence.text.slice(label.length)), cells: new Map() }
    },
  }
}
