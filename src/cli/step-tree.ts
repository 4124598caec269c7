import type { StepDetail, StepSummary } from '../console/wire.ts'

interface Branch {
  readonly text: string
  readonly below?: readonly Branch[] | undefined
}

/** One step from its words to its dollars, as a tree for a terminal. */
export function stepTree(step: StepDetail, children: readonly StepSummary[]): string {
  const { plan } = step
  const first = `${step.id}  ${step.status}${step.verdict === null ? '' : `, rated ${step.verdict}`}  ${new Date(step.at).toISOString()}`
  const branches: Branch[] = [
    {
      text: `step: ${step.kind}, about ${plan.step.input_tokens} tokens${step.client === null ? '' : `, from ${step.client}`}${step.thread === null ? '' : `, thread ${step.thread}`}`,
      below: step.text === '' ? [] : [{ text: JSON.stringify(step.text) }],
    },
    { text: `context: ${count(plan.context.turns, 'turn')}, ${plan.context.recalled} recalled, ${count(plan.context.tokens, 'token')}` },
    {
      text: `signals: ${count(plan.trace.length, 'value')}`,
      below: plan.trace.map(({ signal, value, confidence, ms, error }) => ({
        text: error === undefined ? `${signal} = ${String(value)}  (${percent(confidence)}, ${ms.toFixed(1)} ms)` : `${signal}: ${error}`,
      })),
    },
    { text: `rule: ${plan.rule} of policy ${plan.policy}: ${plan.why}`, below: rulesOf(step) },
    ...(plan.hold.because === null ? [] : [{ text: `hold: ${plan.hold.held ? 'kept' : 'not kept'}, ${plan.hold.because}` }]),
    {
      text: `candidates: ${plan.selector}${plan.pool === null ? '' : `, pool ${plan.pool}`}`,
      below: [
        ...plan.candidates.map(({ model, rank, est_cost_usd: usd }) => ({
          text: `${rank}. ${model}${usd === null ? '' : `, at most ${dollars(usd)}`}`,
        })),
        ...plan.rejected.map(({ model, reason }) => ({ text: `not ${model}: ${reason}` })),
      ],
    },
    ...(plan.tools.length === 0 ? [] : [{ text: `tools shown: ${plan.tools.join(', ')}` }]),
    ...(plan.guards.length === 0 ? [] : [{ text: `guards: ${plan.guards.map(({ guard }) => guard).join(', ')}` }]),
    ...outcomeOf(step),
    ...(children.length === 0
      ? []
      : [
          {
            text: 'steps of the same loop',
            below: children.map(({ id, model, cost_usd: usd }) => ({ text: `${id}  ${model ?? 'nobody'}  ${cost(usd)}` })),
          },
        ]),
    ...(step.verdicts.length === 0
      ? []
      : [
          {
            text: 'verdicts',
            below: step.verdicts.map(({ outcome, by, note }) => ({
              text: `${outcome}, said by ${by}${note === undefined ? '' : `: ${note}`}`,
            })),
          },
        ]),
  ]
  return [first, ...drawn(branches, '')].join('\n')
}

function rulesOf({ rules, rules_note: note }: StepDetail): Branch[] {
  const told = rules.flatMap(({ rule, verdict, mode, missing }): Branch[] => {
    if (verdict === 'no') return []
    const lacks = missing.map(({ condition }) => condition).join('; ')
    return [{ text: `${rule}: ${verdict}${mode === 'enforce' ? '' : ` (${mode})`}${lacks === '' ? '' : `, but for ${lacks}`}` }]
  })
  return note === null ? told : [...told, { text: note }]
}

function outcomeOf({ outcome, model, cost_usd: usd, latency_ms: ms }: StepDetail): Branch[] {
  if (outcome === null) return [{ text: 'outcome: none, nothing was sent' }]
  const { usage, attempts, tool_calls: calls, error, finish_reason: reason } = outcome
  const used =
    usage === null
      ? ''
      : `, ${usage.input + usage.cache_read + usage.cache_write} tokens in (${usage.cache_read} from the prompt cache), ${usage.output} out`
  return [
    {
      text: `attempts: ${attempts.length}`,
      below: attempts.map((one) => ({
        text: `${one.deployment}: ${one.error === undefined ? 'answered' : `${one.error.kind}, ${one.error.message}`} after ${Math.round(one.durationMs)} ms${one.firstContentMs === undefined ? '' : `, first content after ${Math.round(one.firstContentMs)} ms`}`,
      })),
    },
    ...(calls.length === 0
      ? []
      : [{ text: 'tools called', below: calls.map(({ name, arguments: args }) => ({ text: `${name} ${args}` })) }]),
    {
      text:
        error === null
          ? `outcome: ${model ?? 'nobody'}${reason === null ? '' : `, ${reason}`}${used}, ${cost(usd)}${ms === null ? '' : `, ${Math.round(ms)} ms`}`
          : `outcome: failed, ${error}`,
      below: outcome.text === '' ? [] : [{ text: JSON.stringify(outcome.text.slice(0, 400)) }],
    },
  ]
}

function drawn(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, below = [] }, index) => {
    const isLast = index === branches.length - 1
    const [line = '', ...rest] = text.split('\n')
    const under = `${indent}${isLast ? '  ' : '│ '}`
    return [`${indent}${isLast ? '└ ' : '├ '}${line}`, ...rest.map((more) => `${under}${more}`), ...drawn(below, under)]
  })
}

export function cost(usd: number | null): string {
  return usd === null ? 'cost unknown' : dollars(usd)
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd !== 0 && usd < 0.01 ? 6 : 4)}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
