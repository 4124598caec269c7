import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { numbersIn, type WrittenNumber } from './numbers.ts'
import { type Table, tablesOf } from './tables.ts'

/*
 * `docs/figures.yaml` says of each figure in the documents which command prints it, and where. The figures themselves stand in the
 * documents alone, so that they cannot come apart.
 */

export const root = join(import.meta.dirname, '../..')

/** How far a figure may be from the documented one: by so much, or by that factor either way. */
const spreadSchema = z.union([z.strictObject({ within: z.number() }), z.strictObject({ factor: z.number().gt(1) })])

/** Numbers of a printed row, counted from 1 (`null` for one that is not printed), or the name of one of its cells. */
const numbersSchema = z.union([z.int(), z.string(), z.array(z.int().nullable())])
const columnSchema = z.union([
  numbersSchema,
  z.strictObject({
    row: z.string().optional(),
    under: z.string().optional(),
    numbers: numbersSchema.optional(),
    spread: spreadSchema.optional(),
  }),
  // Not printed.
  z.null(),
])
/** Where a documented row is printed, as far as its table does not say it of all rows. */
const placeSchema = z.strictObject({
  row: z.string().optional(),
  /** The row is below the line with these words. */
  under: z.string().optional(),
  numbers: numbersSchema.optional(),
  columns: z.record(z.string(), columnSchema).optional(),
  run: z.string().optional(),
  spread: spreadSchema.optional(),
})
const placesSchema = z.union([z.string(), placeSchema, z.array(z.union([z.string(), placeSchema]))])

const common = { in: z.string(), run: z.string(), spread: spreadSchema.optional() }
const tableSchema = z.strictObject({
  ...common,
  /** How its first line begins, where it is not the first table below the heading. */
  begins: z.string().optional(),
  under: z.string().optional(),
  columns: z.record(z.string(), columnSchema),
  /** Columns of goals, and of what was measured before: nothing prints them. */
  beside: z.array(z.string()).default([]),
  /** By the documented row, where the printed one has another name, or there are several; `null` for a row that is not printed. */
  rows: z.record(z.string(), placesSchema.nullable()).default({}),
})
const sentenceSchema = z.strictObject({
  ...common,
  says: z.string(),
  /** For each number of the sentence, the printed row and its number; `null` for one that is not printed. */
  numbers: z.array(z.strictObject({ row: z.string(), under: z.string().optional(), number: z.int() }).nullable()),
})
const unprintedSchema = z.strictObject({ in: z.string(), begins: z.string().optional(), why: z.string() })
const listSchema = z.strictObject({
  tables: z.array(tableSchema),
  sentences: z.array(sentenceSchema),
  unprinted: z.array(unprintedSchema),
})

export type Spread = z.infer<typeof spreadSchema>

/** One number of a document, and where it is printed. */
export interface Figure {
  readonly document: string
  readonly name: string
  readonly documented: WrittenNumber
  /** What follows `npm run bench --`. */
  readonly run: string
  readonly row: string
  readonly under?: string | undefined
  /** Of the row, or of the one cell of it that is named. */
  readonly cell?: string | undefined
  /** Counted from 1. */
  readonly number: number
  readonly spread: Spread
}

/** A table that no command prints again. */
export interface Unprinted {
  readonly document: string
  readonly name: string
  readonly why: string
}

export interface Documented {
  readonly figures: readonly Figure[]
  readonly unprinted: readonly Unprinted[]
  /** What is wrong with the list, each in a sentence: numbers that it leaves out, tables and rows that it names and nobody wrote. */
  readonly problems: readonly string[]
}

/** The documents whose tables hold what was measured. */
const documents = ['measurements.md', 'safety.md', 'cache.md', 'privacy.md']
/** Whole numbers are as they were; of others the third decimal may differ, which is the arithmetic of another processor. */
const usualSpread: Spread = { within: 0.001 }

export function readDocumented(): Documented {
  const list = listSchema.parse(parse(readFileSync(join(root, 'docs/figures.yaml'), 'utf8')))
  const texts = new Map(documents.map((name) => [name, readFileSync(join(root, 'docs', name), 'utf8')]))
  const tables = [...texts].flatMap(([name, text]) => tablesOf(name, text))
  const seen = new Set<Table>()
  const problems: string[] = []
  const take = (place: string, begins: string | undefined) => {
    const table = tables.find((one) => one.place === place && one.head.join(' | ').startsWith(begins ?? '') && !seen.has(one))
    if (table === undefined)
      problems.push(`docs/figures.yaml names a table of ${place}${begins ? ` that begins "${begins}"` : ''}: there is none`)
    else seen.add(table)
    return table
  }

  const named = list.tables.map((entry) => ({ entry, table: take(entry.in, entry.begins) }))
  const unprinted = list.unprinted.map(({ in: place, begins, why }) => ({
    document: place,
    name: take(place, begins)?.head.join(', ') ?? '',
    why,
  }))
  const figures = named.flatMap(({ entry, table }) => (table === undefined ? [] : figuresOf(entry, table, problems)))
  for (const sentence of list.sentences) {
    const text = texts.get(sentence.in) ?? readFileSync(join(root, 'docs', sentence.in), 'utf8')
    texts.set(sentence.in, text)
    if (!text.replaceAll(/\s+/g, ' ').includes(sentence.says)) problems.push(`docs/${sentence.in} does not say "${sentence.says}"`)
    figures.push(...figuresSaid(sentence, problems))
  }
  for (const table of tables)
    if (!seen.has(table) && table.rows.some((row) => row.slice(1).some((cell) => numbersIn(cell).length > 0)))
      problems.push(`docs/${table.place}: docs/figures.yaml does not name the table "${table.head.join(' | ')}"`)
  for (const { run } of figures) {
    const said = `npm run bench -- ${run.split(' ')[0]}`
    if (![...texts.values()].some((text) => text.includes(said))) problems.push(`No document names "${said}"`)
  }
  return { figures, unprinted, problems: [...new Set(problems)] }
}

type TableEntry = z.infer<typeof tableSchema>

function figuresOf(entry: TableEntry, { place, head, rows }: Table, problems: string[]): Figure[] {
  for (const name of [...Object.keys(entry.columns), ...entry.beside])
    if (!head.includes(name)) problems.push(`docs/${place} has no column "${name}" beside "${head[0]}"`)
  for (const name of Object.keys(entry.rows))
    if (!rows.some(([label]) => label === name)) problems.push(`docs/${place} has no row "${name}" below "${head[0]}"`)
  return rows.flatMap(([label = '', ...cells]) =>
    cells.flatMap((cell, index) => {
      const column = head[index + 1] ?? ''
      const documented = numbersIn(cell)
      const printed = documented.length === 0 ? undefined : printedAt(entry, label, column, documented.length)
      if (printed === undefined) return []
      const name = `${label}, ${column}`
      // A single number may stand for several rows that print the same, such as how many were asked.
      if (printed.length < documented.length || (printed.length > documented.length && documented.length > 1))
        problems.push(`docs/${place}: "${name}" ${differ(documented.length, printed.length)}`)
      return documented.flatMap((one, at): Figure[] => {
        const from = printed[at]
        return from == null ? [] : [{ document: place, name, documented: one, ...from }]
      })
    }),
  )
}

type PrintedAt = Pick<Figure, 'run' | 'row' | 'under' | 'cell' | 'number' | 'spread'>

/** Where the numbers of a cell are printed, one after the other, `null` where one of them is not; `undefined` where none is to be. */
function printedAt(entry: TableEntry, label: string, column: string, count: number): (PrintedAt | null)[] | undefined {
  const given = entry.rows[label]
  if (given === null || entry.beside.includes(column)) return undefined
  const places = [given ?? {}].flat().map((one) => (typeof one === 'string' ? { row: one } : one))
  const columns = places.map((one) => ({ ...entry.columns, ...one.columns })[column])
  if (columns.every((one) => one === null)) return undefined
  return places.flatMap((ofRow, index) => {
    const own = columns[index] ?? undefined
    const ofColumn = typeof own === 'object' && !Array.isArray(own) ? own : { numbers: own }
    const at = {
      run: ofRow.run ?? entry.run,
      row: ofColumn.row ?? ofRow.row ?? label,
      under: ofColumn.under ?? ofRow.under ?? entry.under,
      spread: ofColumn.spread ?? ofRow.spread ?? entry.spread ?? usualSpread,
    }
    const numbers = ofColumn.numbers ?? ofRow.numbers ?? []
    if (typeof numbers === 'string')
      return Array.from({ length: count / places.length }, (_, before) => ({ ...at, cell: numbers, number: before + 1 }))
    return [numbers].flat().map((number) => (number === null ? null : { ...at, number }))
  })
}

function differ(documented: number, printed: number): string {
  return `has ${documented} numbers, and docs/figures.yaml says of ${printed} where they are printed`
}

function figuresSaid(
  { in: document, says, run, numbers, spread = usualSpread }: z.infer<typeof sentenceSchema>,
  problems: string[],
): Figure[] {
  const said = numbersIn(says)
  if (said.length !== numbers.length) problems.push(`docs/${document}: "${says}" ${differ(said.length, numbers.length)}`)
  return said.flatMap((documented, at): Figure[] => {
    const from = numbers[at]
    return from == null ? [] : [{ document, name: says, documented, run, ...from, spread }]
  })
}
