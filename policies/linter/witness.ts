import type { Modality } from '../../models/deployment.ts'
import type { Policy, Rule } from '../policy.ts'
import { type ProjectionReading, readProjections } from '../projections.ts'
import type { RoutingFacts as StepFacts } from '../routing-conditions.ts'
import type { SignalReading } from '../signals/signal.ts'
import type { Step } from '../step.ts'
import { blankStep } from './facts/blank-step.ts'
import { hasMetadata, hasRole, metadataText, notComputed, type RoutingFacts } from './facts/routing-facts.ts'
import type { Model } from './solver/world.ts'

/** A step, with what its signals and projections say, that shows what a finding claims. */
export interface Witness {
  readonly step: Step
  readonly readings: readonly SignalReading[]
  readonly projected: readonly ProjectionReading[]
}

/** The step that a model speaks of. Projections are computed, whatever the model says of them. */
export function witnessOf(model: Model, facts: RoutingFacts, policy: Policy): Witness {
  const step = stepOf(model, facts)
  const readings = facts.signals.flatMap((place): SignalReading[] => {
    const { signal, facts: known, name } = place
    if (model.flag(notComputed(signal.name))) return []
    const confidence = known.confidence ?? model.number(`confidence.${signal.name}`)
    return [{ signal: signal.name, value: signalValue(), confidence, ms: 0 }]

    function signalValue() {
      if (known.words !== undefined) return facts.vocabulary.hasKeyword(signal.name, step.text)
      if (signal.type === 'double') return model.number(name)
      return signal.type === 'bool' ? model.flag(name) : model.text(name)
    }
  })
  return { step, readings, projected: readProjections(policy.projections, { step, readings }) }
}

function stepOf(model: Model, facts: RoutingFacts): Step {
  const number = (field: string) => model.number(`step.${field}`)
  const client = model.text('step.client')
  const tracked = model.flag('taint.tracked')
  const others = model
    .text('step.modality')
    .split('+')
    .filter((one): one is Modality => one === 'image' || one === 'file')
  return {
    ...blankStep,
    kind: model.text('step.kind') as Step['kind'],
    mode: model.text('step.mode') as Step['mode'],
    text: model.text('step.text'),
    principal: model.text('step.principal'),
    client: client === '' ? undefined : client,
    thread: tracked ? 'th_example' : undefined,
    inputTokens: number('input_tokens'),
    requiredTokens: number('input_tokens'),
    maxOutputTokens: number('max_output_tokens'),
    modalities: ['text', ...others],
    images: number('images'),
    messages: number('messages'),
    toolsOffered: number('tools_offered'),
    toolCalls: number('tool_calls'),
    toolErrors: number('tool_errors'),
    toolLoop: model.flag('step.tool_loop'),
    compacted: model.flag('step.compacted'),
    computerUse: model.flag('step.computer_use'),
    taint: {
      untrustedRead: model.flag('taint.untrusted_read'),
      privateRead: model.flag('taint.private_read'),
      canSend: model.flag('taint.can_send'),
      ...(model.flag('taint.injected_read') && { injectedRead: true as const }),
    },
    roles: [...facts.roles].filter((role) => model.flag(hasRole(role))),
    metadata: Object.fromEntries(
      [...facts.metadata].filter((key) => model.flag(hasMetadata(key))).map((key) => [key, model.text(metadataText(key))]),
    ),
  }
}

/** Whether the rule's own condition, evaluated as when serving, holds. */
export function fires(rule: Pick<Rule, 'condition'>, witness: StepFacts): boolean {
  try {
    return rule.condition.holds(witness)
  } catch {
    return false
  }
}
