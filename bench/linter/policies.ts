import { chanceOf } from '../../policies/chance.ts'

/*
 * Policies of many rules from a seed: clean ones, and the same with faults planted in them. Every rule has five conditions. A clean
 * rule is for a team of its own, so that none takes another's steps; some share a priority, which their teams make harmless.
 */

const signals = {
  size: { kind: 'size' },
  turn: { kind: 'turn' },
  look: { kind: 'modality' },
  hard: { kind: 'keyword', any: ['prove', 'root cause', 'race condition', 'deadlock'] },
  easy: { kind: 'keyword', any: ['hello', 'thanks', 'rename'] },
}
const projections = {
  effort: {
    kind: 'score',
    of: [
      { value: 'signals.hard', weight: 2 },
      { value: 'step.tool_errors', weight: 0.5 },
    ],
  },
  level: { kind: 'bands', of: 'effort', bands: { low: 0, high: 2 } },
}

export interface Rule {
  name: string
  priority: number
  when: string
  action: Record<string, unknown>
}

export interface MadePolicy {
  readonly data: Record<string, unknown>
  /** The code of each planted fault, with the rule that it stands in. */
  readonly planted: readonly { code: string; rule: string }[]
}

export const kindsOfFaults = ['contradiction', 'shadowed', 'redundant', 'conflict', 'tool_allowed_and_blocked'] as const

export function makePolicy(seed: string, rules: number, faultsOfEachKind: number): MadePolicy {
  const chance = chanceOf(seed)
  const one = <Value>(of: readonly Value[]) => of[Math.floor(chance() * of.length)] as Value
  const made: Rule[] = []
  const planted: { code: string; rule: string }[] = []
  const faults = kindsOfFaults.flatMap((code) => Array.from({ length: faultsOfEachKind }, () => code))
  const clean = rules - faults.length
  for (let index = 0; index < clean; index += 1) {
    made.push({
      name: `clean_${index}`,
      priority: 999 - 2 * Math.floor(index / 3),
      when: cleanCondition(index, one),
      action: { prefer: one(['strongest', 'cheapest']) },
    })
  }
  faults.forEach((code, index) => {
    const victim = made[Math.floor(chance() * clean)] as Rule
    const rule = faulty(code, index, victim, one)
    made.push(rule)
    planted.push({ code, rule: rule.name })
  })
  return { data: { name: seed, signals, projections, rules: made, default: { prefer: 'first' } }, planted }
}

type Pick = <Value>(of: readonly Value[]) => Value

function cleanCondition(index: number, one: Pick): string {
  const from = one([0, 100, 1000, 4000])
  return [
    `step.metadata["team"] == "t${index}"`,
    `step.input_tokens > ${from} && step.input_tokens < ${from + one([500, 8000, 30_000])}`,
    one(['signals.hard', '!signals.hard', '(signals.easy || step.images > 1)', 'projections.level == "high"', 'projections.effort < 3.0']),
    one(['step.kind != "background"', 'signals.turn in ["user_turn", "continuation"]', '(step.mode == "agent" || step.tool_calls < 3)']),
  ].join(' && ')
}

function faulty(code: (typeof kindsOfFaults)[number], index: number, victim: Rule, one: Pick): Rule {
  const name = `planted_${code}_${index}`
  const own = `step.metadata["team"] == "p${index}"`
  const other = victim.action['prefer'] === 'strongest' ? 'cheapest' : 'strongest'
  switch (code) {
    case 'contradiction': {
      const never = one([
        'step.input_tokens > 5000 && signals.size < 4000.0',
        'step.kind == "continuation" && !step.tool_loop',
        'step.mode == "chat" && step.tools_offered > 2',
        'projections.level == "high" && !signals.hard && step.tool_errors < 4',
        'signals.look == "text" && step.images > 0',
        'step.text.startsWith("sum") && step.text.startsWith("tot")',
        'step.images > 1 && step.images < 2',
        '"a" in step.roles && !step.roles.exists(role, role == "a")',
      ])
      return { name, priority: 100, when: `${own} && (${never})`, action: { prefer: 'strongest' } }
    }
    case 'shadowed':
      return { name, priority: 90, when: `${victim.when} && step.images >= ${one([0, 1])}`, action: { prefer: other } }
    case 'redundant':
      return { name, priority: 1, when: `${own} && step.input_tokens > ${one([10, 100])}`, action: { prefer: 'first' } }
    case 'conflict':
      return {
        name,
        priority: victim.priority,
        when: `${victim.when} && (signals.hard || !signals.hard || step.images > 0)`,
        action: { prefer: other },
      }
    case 'tool_allowed_and_blocked':
      return {
        name,
        priority: 80,
        when: own,
        action: { prefer: 'strongest', tools: { allow: [`${one(['files', 'docs'])}_read`], block: [one(['*_read', '*'])] } },
      }
  }
}
