import { compare, equivalent, type Formula, flag, implies, not, or, textIs } from '../formula.ts'
import type { NumberFact, TextFact } from '../vocabulary.ts'

const count = (usual: number): NumberFact => ({ integer: true, least: 0, most: Number.MAX_SAFE_INTEGER, usual })

export const stepNumbers: ReadonlyMap<string, NumberFact> = new Map([
  ['step.input_tokens', count(500)],
  ['step.max_output_tokens', count(1000)],
  ['step.images', count(0)],
  ['step.messages', count(1)],
  ['step.tools_offered', count(0)],
  ['step.tool_calls', count(0)],
  ['step.tool_errors', count(0)],
])

export const stepTexts: ReadonlyMap<string, TextFact> = new Map<string, TextFact>([
  ['step.kind', { values: ['user_turn', 'continuation', 'background'], usual: 'user_turn' }],
  ['step.mode', { values: ['chat', 'agent'], usual: 'chat' }],
  ['step.modality', { values: ['text', 'image', 'file', 'image+file'], usual: 'text' }],
  ['step.text', { usual: 'Hello' }],
  ['step.client', { usual: '' }],
  ['step.principal', { usual: 'local' }],
])

export const stepFlags = [
  'step.tool_loop',
  'step.compacted',
  'step.computer_use',
  'taint.untrusted_read',
  'taint.private_read',
  'taint.can_send',
  'taint.injected_read',
  'taint.tracked',
] as const

/** How the facts of every step hang together: what `createStep` makes of any messages. */
export const stepLaws: readonly Formula[] = [
  implies(textIs('step.kind', 'continuation'), flag('step.tool_loop')),
  implies(flag('step.tool_loop'), not(textIs('step.kind', 'user_turn'))),
  equivalent(textIs('step.mode', 'agent'), or(some('step.tools_offered'), some('step.tool_calls'))),
  equivalent(or(textIs('step.modality', 'image'), textIs('step.modality', 'image+file')), some('step.images')),
  implies(or(flag('step.tool_loop'), some('step.images'), some('step.tool_calls'), some('step.tool_errors')), some('step.messages')),
  implies(not(textIs('step.text', '')), some('step.messages')),
]

function some(number: string): Formula {
  return compare({ terms: new Map([[number, 1]]), constant: 0 }, '>')
}
