import { type ConditionLanguage, createConditionLanguage } from './condition.ts'
import type { ProjectionReading } from './projections.ts'
import type { Signal, SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'
import { taintFields, taintValues } from './taint-facts.ts'

export interface RoutingFacts {
  readonly step: Step
  readonly readings: readonly SignalReading[]
  readonly projected?: readonly ProjectionReading[] | undefined
}

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
  compacted: 'bool',
  computer_use: 'bool',
  client: 'string',
  principal: 'string',
  roles: 'list<string>',
  metadata: 'map<string, string>',
} as const

export interface RoutingNames {
  signals: readonly { name: string; type: Signal['type'] | 'dyn' }[]
  /** Leave them out for the language in which projections themselves are written. */
  projections?: readonly { name: string; type: 'double' | 'string' | 'dyn' }[]
}

/**
 * `signals.<name>` has the type of the signal's value, `confidence.<name>` says how sure it is, `projections.<name>` is what
 * several say together; what could not be computed is not there.
 */
export function createRoutingConditions({ signals, projections = [] }: RoutingNames): ConditionLanguage<RoutingFacts> {
  const types = Object.fromEntries(signals.map(({ name, type }) => [name, type]))
  const variables = {
    step: stepFields,
    signals: types,
    confidence: Object.fromEntries(signals.map(({ name }) => [name, 'double'])),
    projections: Object.fromEntries(projections.map(({ name, type }) => [name, type])),
    taint: taintFields,
  }
  return createConditionLanguage(variables, ({ step, readings, projected = [] }) => ({
    step: stepFacts(step),
    signals: Object.fromEntries(readings.map(({ signal, value }) => [signal, types[signal] === 'double' ? Number(value) : value])),
    confidence: Object.fromEntries(readings.map(({ signal, confidence }) => [signal, confidence])),
    projections: Object.fromEntries(projected.map(({ projection, value }) => [projection, value])),
    taint: taintValues(step.taint, step.thread !== undefined),
  }))
}

/** What conditions see of a step, by the names that they know. */
export function stepFacts(step: Step): Record<keyof typeof stepFields, unknown> {
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
    compacted: step.compacted,
    computer_use: step.computerUse,
    client: step.client ?? '',
    principal: step.principal,
    roles: step.roles,
    metadata: step.metadata,
  }
}
