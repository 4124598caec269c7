import { guardInWords } from './guards.ts'
import type { Plan } from './plan.ts'

/** A plan in plain sentences, for a person who has never seen the code. One line each, the decision first. */
export function explainPlan(plan: Plan): string[] {
  const lines: string[] = []
  const first = plan.candidates[0]
  if (first === undefined) {
    lines.push('No model can answer this step.')
  } else {
    lines.push(`${first.model} in pool "${first.pool}" answers${price(first.est_cost_usd)}.`)
    lines.push(`Why: ${plan.why} (rule ${plan.rule} of policy ${plan.policy}).`)
  }
  lines.push(`The step: ${stepInWords(plan)}.`)
  if (plan.step.taint.length > 0)
    lines.push(`Into its thread has come: ${plan.step.taint.map((flag) => taintInWords[flag] ?? flag).join(', ')}.`)
  lines.push(...holdInWords(plan))
  const others = plan.candidates.slice(1)
  if (others.length > 0) lines.push(`If it fails: ${others.map((one) => `${one.model} (${one.pool})`).join(', then ')}.`)
  for (const one of plan.rejected) lines.push(`Not ${one.model} (${one.pool}): ${one.reason}.`)
  const noted = plan.trace.filter((one) => one.error === undefined)
  if (noted.length > 0) {
    lines.push(`What was noticed: ${noted.map((one) => `${words(one.signal)}: ${valueInWords(one.value)}`).join(', ')}.`)
  }
  if (plan.projections.length > 0) {
    lines.push(`Taken together: ${plan.projections.map((one) => `${words(one.projection)}: ${valueInWords(one.value)}`).join(', ')}.`)
  }
  if (plan.selection.note !== null) lines.push(`The selector ${plan.selector}: ${plan.selection.note}.`)
  for (const { rule, mode } of plan.fired) if (mode === 'observe') lines.push(`Observed: the rule ${rule} would have fired.`)
  for (const { rule, pool, model } of plan.shadow) {
    lines.push(`In the shadow: the rule ${rule} would have chosen ${model === null ? 'nothing' : `${model} (${pool})`}.`)
  }
  for (const one of plan.trace) {
    if (one.error !== undefined) lines.push(`Not scored: ${words(one.signal)} (${one.error}).`)
  }
  if (plan.tools.length > 0) lines.push(`Tools offered: ${plan.tools.join(', ')}.`)
  if (plan.context.recalled > 0 || plan.context.turns > 0) {
    lines.push(
      `From memory: ${plan.context.turns} earlier turns and ${plan.context.recalled} recalled items, about ${plan.context.tokens} tokens.`,
    )
  }
  const headers = Object.entries(plan.headers).map(([name, value]) => `${name}: ${value}`)
  if (headers.length > 0) lines.push(`Headers for the provider: ${headers.join('; ')}.`)
  for (const guard of plan.guards) lines.push(guardInWords(guard))
  lines.push(budgetInWords(plan))
  return lines
}

function holdInWords({ hold, cache }: Plan): string[] {
  const lines: string[] = []
  if (hold.broken_by !== null) lines.push(`The loop left its model ${hold.model} (${words(hold.broken_by)}): ${hold.because}.`)
  if (hold.held && hold.kind === 'hard') lines.push(`A switch would be unsafe now: ${hold.because}.`)
  if (hold.gate !== null) lines.push(gateInWords(hold.gate))
  if (cache.warm) lines.push(`About ${cache.warm_tokens} tokens of the prompt are expected in its prompt cache.`)
  if (cache.answers !== 'off') lines.push(`An answer that was kept may do: ${cache.answers}.`)
  if (cache.why !== null) lines.push(`No kept answer may do: ${cache.why}.`)
  return lines
}

/** The sum as the gate made it. */
function gateInWords(gate: NonNullable<Plan['hold']['gate']>): string {
  const { from, to, steps } = gate
  if (gate.note !== null) return `The switch from ${from} to ${to} could not be weighed: ${gate.note}.`
  const usd = (value: number) => `$${value.toFixed(4)}`
  const lost = `${usd(gate.switch_usd)} at ${to}, of which ${usd(gate.cache_loss_usd)} for its cold cache`
  const sum = `${usd(gate.stay_usd)} at ${from}, ${lost}, ${usd(gate.return_usd)} for a way back, ${usd(gate.margin_usd)} margin`
  const verdict = gate.wins ? `the switch saves ${usd(gate.gain_usd)}` : `the switch falls ${usd(-gate.gain_usd)} short`
  return `The switch weighed over ${steps} ${steps === 1 ? 'step' : 'steps'}: ${sum}; ${verdict}.`
}

const taintInWords: Readonly<Record<string, string>> = {
  untrusted_read: 'text that strangers may have written',
  private_read: 'private data',
  can_send: 'a tool that may send',
  injected_read: 'a result that gives orders to the model',
}

function stepInWords(plan: Plan): string {
  const { step } = plan
  const kind = { user_turn: 'a turn of the user', continuation: 'the next step of a running tool loop', background: 'background work' }[
    step.kind
  ]
  const pieces = [`${kind}, about ${step.input_tokens} tokens`]
  if (step.images > 0) pieces.push(`${step.images} ${step.images === 1 ? 'image' : 'images'}`)
  if (step.tools_offered > 0) pieces.push(`${step.tools_offered} tools offered`)
  return pieces.join(', ')
}

function budgetInWords(plan: Plan): string {
  const { usd_per_call: perCall, usd_per_day: perDay, spent_today_usd: spent } = plan.budget
  const limits: string[] = []
  if (perCall !== null) limits.push(`$${perCall} a call`)
  if (perDay !== null) limits.push(`$${perDay} a day${spent === null ? '' : `, $${spent.toFixed(4)} spent today`}`)
  return limits.length === 0 ? 'Budget: no limit is set.' : `Budget: ${limits.join('; ')}.`
}

function price(usd: number | null): string {
  if (usd === null) return ', at a price that is not known'
  return usd === 0 ? ', at no cost' : `, for about $${usd.toFixed(4)} at most`
}

function valueInWords(value: boolean | number | string): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  return value === '' ? 'none' : words(value)
}

function words(name: string): string {
  return name.replaceAll('_', ' ')
}
