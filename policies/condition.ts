import { Environment } from '@marcbachmann/cel-js'
import type { Signal, SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'

/** What a condition may look at, beside the signals. One line a fact, as the policy's author writes it. */
const stepFields = {
  kind: 'string',
  mode: 'string',
  text: 'string',
  input_tokens: 'double',
  max_output_tokens: 'double',
  images: 'double',
  messages: 'double',
  tools_offered: 'double',
  tool_calls: 'double',
  tool_errors: 'double',
  tool_loop: 'bool',
  client: 'string',
  principal: 'string',
} as const

export interface Condition {
  readonly source: string
  /** @throws If a signal that it names could not be computed. */
  holds(step: Step, readings: readonly SignalReading[]): boolean
}

export interface ConditionLanguage {
  /** @throws {SyntaxError} With CEL's own words, if the text does not parse, names what is not there, or is no boolean. */
  parse(source: string): Condition
}

/**
 * Conditions in CEL (Common Expression Language) over `step` and `signals`, parsed and type-checked once.
 *
 * `signals.<name>` has the type of the signal's value. Numbers are doubles: write `step.input_tokens > 8000.0`.
 */
export function createConditionLanguage(signals: readonly Pick<Signal, 'name' | 'type'>[]): ConditionLanguage {
  const environment = new Environment({ limits: { maxAstNodes: 2000, maxDepth: 60 } })
    .registerVariable({ name: 'step', schema: { ...stepFields } })
    .registerVariable({ name: 'signals', schema: Object.fromEntries(signals.map((signal) => [signal.name, signal.type])) })
  const types = new Map(signals.map((signal) => [signal.name, signal.type]))

  return {
    parse(source) {
      const checked = environment.check(source)
      if (!checked.valid) throw new SyntaxError(firstLine(checked.error?.message ?? 'not a CEL expression'))
      if (checked.type !== undefined && `${checked.type}` !== 'bool') {
        throw new SyntaxError(`a condition must be true or false, this one is of type ${checked.type}`)
      }
      const evaluate = environment.parse(source)
      return {
        source,
        holds(step, readings) {
          const values: Record<string, unknown> = {}
          for (const reading of readings) {
            values[reading.signal] = types.get(reading.signal) === 'double' ? Number(reading.value) : reading.value
          }
          return evaluate({ step: stepFacts(step), signals: values }) === true
        },
      }
    },
  }
}

function stepFacts(step: Step): Record<keyof typeof stepFields, unknown> {
  return {
    kind: step.kind,
    mode: step.mode,
    text: step.text,
    input_tokens: step.inputTokens,
    max_output_tokens: step.maxOutputTokens,
    images: step.images,
    messages: step.messages,
    tools_offered: step.toolsOffered,
    tool_calls: step.toolCalls,
    tool_errors: step.toolErrors,
    tool_loop: step.toolLoop,
    client: step.client ?? '',
    principal: step.principal,
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
