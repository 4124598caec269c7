import type { PolicyAction } from '../../policy-file.ts'
import type { Finding } from '../finding.ts'
import type { ExaminedPolicy } from './examined.ts'

/** Patterns that a rule allows and blocks at once: what is blocked stays away, so the allowance says nothing. */
export function toolFindings({ policy }: ExaminedPolicy): Finding[] {
  const actions = [...policy.file.rules, { name: 'default', action: policy.file.default }]
  return actions.flatMap(({ name, action }) => blockedIn(name, action))
}

function blockedIn(name: string, { tools }: PolicyAction): Finding[] {
  const { allow = [], block = [] } = tools ?? {}
  const covered = allow.flatMap((pattern) => {
    const by = block.find((other) => covers(other, pattern))
    return by === undefined ? [] : [{ pattern, by }]
  })
  return covered.map(({ pattern, by }) => ({
    code: 'tool_allowed_and_blocked',
    level: 1,
    severity: covered.length === allow.length ? 'error' : 'warning',
    rules: [name],
    message: `The rule ${name} allows tools named "${pattern}" and blocks them by "${by}"${covered.length === allow.length ? ', so that no tool is left' : ''}.`,
    witness: { tool: pattern.replaceAll('*', 'example') },
    mend: `Take "${pattern}" out of tools.allow, or narrow "${by}" in tools.block.`,
  }))
}

/** A sign that stands in no name of a tool: only `*` takes it, so what takes it takes anything in its place. */
const anything = '\u{f0000}'

/** Whether every name that the second pattern takes is taken by the first. */
function covers(pattern: string, other: string): boolean {
  const pieces = pattern.split('*').map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.*')}$`, 'su').test(other.replaceAll('*', anything))
}
