import { describe, expect, test } from 'vitest'
import type { SafetyCheck } from '../../../models/computer/format.ts'
import { computerFormats } from '../../../models/computer/formats/index.ts'
import { acknowledge } from '../../../models/computer/safety.ts'

const screen = { source: { width: 100, height: 100 }, space: { kind: 'grid', size: 1000 }, environment: 'browser' } as const
const pending = [{ id: 'cu_sc_1', code: 'sensitive_domain', message: 'A bank' }]
const openAi = computerFormats['openai'].parse({ type: 'computer_call', actions: [], pending_safety_checks: pending }, screen).safetyChecks
const decision = { decision: 'require_confirmation', explanation: 'It buys' }
const gemini = computerFormats['gemini-3.5'].parse({ name: 'click', args: { x: 1, y: 1, safety_decision: decision } }, screen).safetyChecks

describe('acknowledge()', () => {
  test('answers in each vendor’s form what was acknowledged', () => {
    expect(acknowledge(openAi, openAi)).toEqual({ acknowledged_safety_checks: pending })
    expect(acknowledge(gemini, gemini)).toEqual({ safety_acknowledgement: true })
    expect(acknowledge([], [])).toEqual({})
  })

  test.each<[string, readonly SafetyCheck[], readonly SafetyCheck[]]>([
    ['nothing was', openAi, []],
    ['another was', openAi, [{ vendor: 'openai', id: 'cu_sc_2', code: 'sensitive_domain', message: 'A bank' }]],
    ['another decision was', gemini, [{ vendor: 'gemini', code: 'require_confirmation', message: 'It reads' }]],
  ])('refuses when %s', (_, checks, acknowledged) => {
    expect(() => acknowledge(checks, acknowledged)).toThrow(expect.objectContaining({ rule: 'safety' }))
  })
})
