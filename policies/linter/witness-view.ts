import type { Policy } from '../policy.ts'
import { stepFacts } from '../routing-conditions.ts'
import { taintValues } from '../taint-facts.ts'
import type { Witness } from './witness.ts'

/** A witness in the words of conditions: `step.images`, `signals.topic`. */
export type WitnessView = Readonly<Record<string, boolean | number | string | readonly string[]>>

/** What the conditions look at, and always whose move it is; of the rest a reader would see nothing. */
export function viewOf({ step, readings, projected }: Witness, policy: Policy, conditions: readonly string[]): WitnessView {
  const all: Record<string, boolean | number | string | readonly string[]> = {}
  for (const [field, value] of Object.entries(stepFacts(step))) {
    if (field === 'metadata') for (const [key, text] of Object.entries(step.metadata)) all[`step.metadata.${key}`] = text
    else all[`step.${field}`] = value as string
  }
  for (const { signal, value } of readings) all[`signals.${signal}`] = value
  for (const { signal, confidence } of readings) all[`confidence.${signal}`] = confidence
  for (const { projection, value } of projected) all[`projections.${projection}`] = value
  for (const [flag, value] of Object.entries(taintValues(step.taint, step.thread !== undefined))) all[`taint.${flag}`] = value
  const written = conditions.join(' ')
  const throughProjections = written.includes('projections.') ? policy.projections.map(({ options }) => JSON.stringify(options)) : []
  const looked = [written, ...throughProjections].join(' ').replace(/\[\s*["']([^"']*)["']\s*\]/g, '.$1')
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => name === 'step.kind' || new RegExp(`\\b${escapeRegExp(name)}(?!\\w)`).test(looked)),
  )
}

export function viewInWords(view: WitnessView): string {
  return Object.entries(view)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ')
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
