import { z } from 'zod'
import { parseRows, refuse } from './labelled-rows.ts'

/** A prompt with the scores that models got on it, and what each answer cost. */
export interface LabelledOutcome {
  readonly id: string
  readonly text: string
  /** 0–1, by model. */
  readonly scores: Readonly<Record<string, number>>
  /** US dollars, or any one unit, by model. */
  readonly costs: Readonly<Record<string, number>>
  readonly step: StepFacts
}

export interface StepFacts {
  readonly messages: number
  readonly toolsOffered: number
  readonly toolCalls: number
  readonly toolErrors: number
  readonly images: number
}

export interface OutcomeMatrix {
  readonly models: readonly string[]
  readonly rows: readonly LabelledOutcome[]
  /** Where costs come from: the rows, prices of the file, or nothing, where every answer counts the same. */
  readonly costsFrom: 'rows' | 'prices' | 'none'
}

const text = z.string().min(1).max(1_000_000)
const share = z.number().min(0).max(1)
const amount = z.number().nonnegative()
const count = z.int().nonnegative()
const perModel = <Value extends z.ZodType>(value: Value) => z.record(z.string().min(1), value)
const scoreOrVerdict = z.union([share, z.boolean().transform(Number)], { error: 'must be a number from 0 to 1, true or false' })
const outcomeRow = z
  .looseObject({
    id: z.string().optional(),
    text: text.optional(),
    prompt: text.optional(),
    query: text.optional(),
    scores: perModel(scoreOrVerdict.nullable()),
    cost: perModel(amount).optional(),
    price: perModel(amount).optional(),
    output_tokens: perModel(amount).optional(),
    step: z
      .strictObject({
        messages: count.default(1),
        tools_offered: count.default(0),
        tool_calls: count.default(0),
        tool_errors: count.default(0),
        images: count.default(0),
      })
      .default({ messages: 1, tools_offered: 0, tool_calls: 0, tool_errors: 0, images: 0 }),
  })
  .refine((row) => [row.text, row.prompt, row.query].filter((one) => one !== undefined).length === 1, {
    error: 'must have exactly one of text, prompt and query',
  })
  .refine((row) => Object.values(row.scores).some((score) => score !== null), { path: ['scores'], error: 'must have one score at least' })
const priceRow = z.looseObject({ model: z.string().min(1), price: amount })

/** What an answer is taken to have where nobody counted it. */
const assumedOutputTokens = 256
const charactersPerToken = 4
const mostModels = 100

/**
 * A row's cost of a model is, in this order: what the row says; the row's or the file's price (a million tokens) times a token for each
 * four characters of the prompt and `output_tokens`, 256 unless told. All scored cells have a cost or none has.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseOutcomes(content: string, file: string, prices: Readonly<Record<string, number>> = {}): OutcomeMatrix {
  const faults: string[] = []
  const priceless: string[] = []
  let fromRows = 0
  let fromPrices = 0
  const rows = parseRows(content, file, outcomeRow).map(({ row, line }): LabelledOutcome => {
    const prompt = row.text ?? row.prompt ?? row.query ?? ''
    const scores = Object.fromEntries(Object.entries(row.scores).flatMap(([model, score]) => (score === null ? [] : [[model, score]])))
    const costs: Record<string, number> = {}
    for (const model of Object.keys(scores)) {
      const price = row.price?.[model] ?? prices[model]
      const tokens = prompt.length / charactersPerToken + (row.output_tokens?.[model] ?? assumedOutputTokens)
      const cost = row.cost?.[model] ?? (price === undefined ? undefined : (price * tokens) / 1e6)
      if (cost === undefined) priceless.push(`line ${line}: nothing says what "${model}" costs, though others have a cost`)
      else costs[model] = cost
      if (row.cost?.[model] !== undefined) fromRows += 1
      else if (price !== undefined) fromPrices += 1
    }
    const { messages, tools_offered, tool_calls, tool_errors, images } = row.step
    const step = { messages, toolsOffered: tools_offered, toolCalls: tool_calls, toolErrors: tool_errors, images }
    return { id: row.id ?? `line ${line}`, text: prompt, scores, costs, step }
  })
  if (fromRows + fromPrices > 0) faults.push(...priceless)
  const models = [...new Set(rows.flatMap(({ scores }) => Object.keys(scores)))].toSorted()
  if (rows.length > 0 && models.length < 2)
    faults.push(`it must have scores of two models at least, received ${models.join(', ') || 'none'}`)
  if (models.length > mostModels) faults.push(`it may have ${mostModels} models at most, received ${models.length}`)
  if (rows.length === 0) faults.push('it has no row')
  refuse(file, faults)
  return { models, rows, costsFrom: fromRows > 0 ? 'rows' : fromPrices > 0 ? 'prices' : 'none' }
}

/** Of each model, US dollars for a million tokens. @throws {LabelledDataError} With each faulty line. */
export function parsePrices(content: string, file: string): Record<string, number> {
  const rows = parseRows(content, file, priceRow)
  return Object.fromEntries(rows.map(({ row }) => [row.model, row.price]))
}
