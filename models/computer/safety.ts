import { ComputerActionError } from '../errors.ts'
import { isId } from '../ids.ts'
import type { SafetyCheck } from './format.ts'
import { fieldsOf, isFields, optionalText, refusal, textOf } from './reading.ts'

/** OpenAI's `pending_safety_checks`, those of Signalbox's own guard among them. */
export function readOpenAiChecks(value: unknown): SafetyCheck[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refusal('pending_safety_checks', 'a list', value)
  return value.map((one, index) => {
    const check = fieldsOf(one, `pending_safety_checks[${index}]`)
    const id = textOf(check['id'], `pending_safety_checks[${index}] id`)
    return {
      vendor: isId('approval', id) ? 'signalbox' : 'openai',
      id,
      code: optionalText(check['code'], `pending_safety_checks[${index}] code`) ?? '',
      message: optionalText(check['message'], `pending_safety_checks[${index}] message`) ?? '',
    }
  })
}

export interface OpenAiCheck {
  readonly id: string
  readonly code?: string
  readonly message?: string
}

/** The other way: as OpenAI writes checks in a call, and acknowledgements in its result. Those of others it does not know. */
export function toOpenAiChecks(checks: readonly SafetyCheck[]): OpenAiCheck[] {
  return toClientChecks(checks.filter(({ vendor }) => vendor === 'openai'))
}

/** The same for a client of OpenAI's, who is asked for Signalbox's as well. */
export function toClientChecks(checks: readonly SafetyCheck[]): OpenAiCheck[] {
  return checks.flatMap(({ vendor, id, code, message }) =>
    (vendor === 'openai' || vendor === 'signalbox') && id !== undefined
      ? [{ id, ...(code !== '' && { code }), ...(message !== '' && { message }) }]
      : [],
  )
}

/** Whether an item's check is one of Signalbox's, which no vendor knows. */
export function isOwnCheck(check: unknown): boolean {
  return isFields(check) && typeof check['id'] === 'string' && isId('approval', check['id'])
}

/** Gemini's `safety_decision` among the arguments of a call. A decision that nobody knows of stops the run. */
export function readGeminiDecision(value: unknown): SafetyCheck[] {
  if (value === undefined || value === null) return []
  const { decision, explanation } = fieldsOf(value, 'safety_decision')
  if (decision !== 'require_confirmation') {
    const received = typeof decision === 'string' ? `"${decision.slice(0, 60)}"` : typeof decision
    throw new ComputerActionError(
      `Cannot read a computer action: safety_decision must be "require_confirmation", received ${received}`,
      'safety',
    )
  }
  return [{ vendor: 'gemini', code: decision, message: optionalText(explanation, 'safety_decision explanation') ?? '' }]
}

/** What a result says about checks in its vendor's form, to be laid into it. */
export type Acknowledgement =
  | { readonly acknowledged_safety_checks: readonly OpenAiCheck[] }
  | { readonly safety_acknowledgement: true }
  | Readonly<Record<string, never>>

/**
 * The acknowledgement of a call's checks, made of what a person or a line of the policy acknowledged and of nothing else.
 *
 * @throws {ComputerActionError} If a check of the call was not acknowledged: then the call must not run, and nothing may say that it did.
 */
export function acknowledge(pending: readonly SafetyCheck[], acknowledged: readonly SafetyCheck[]): Acknowledgement {
  const isAcknowledged = (check: SafetyCheck) =>
    acknowledged.some(
      ({ vendor, id, code, message }) =>
        vendor === check.vendor && id === check.id && code === check.code && (id !== undefined || message === check.message),
    )
  const open = pending.find((check) => !isAcknowledged(check))
  if (open !== undefined) {
    throw new ComputerActionError(
      `Cannot acknowledge the safety checks of a computer action: each must have been acknowledged, received none for "${open.code}"`,
      'safety',
    )
  }
  const openAi = toOpenAiChecks(pending)
  if (openAi.length > 0) return { acknowledged_safety_checks: openAi }
  return pending.some(({ vendor }) => vendor === 'gemini') ? { safety_acknowledgement: true } : {}
}
