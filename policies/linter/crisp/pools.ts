import type { Deployment } from '../../../models/deployment.ts'
import type { Pool } from '../../../models/pool.ts'
import type { PolicyAction } from '../../policy-file.ts'
import type { RoutingFacts } from '../facts/routing-facts.ts'
import type { Finding } from '../finding.ts'
import { always, and, compare, type Formula, flag, implies, never, not, or, textIs } from '../formula.ts'
import type { ExaminedPolicy, ExaminedRule } from './examined.ts'

/*
 * Which pool would be tried first, as formulas over the step: what `requirements.ts` leaves out and `preference.ts` orders, with every
 * deployment healthy and no budget. Where an order hangs on costs, any pool may come first.
 */

export interface PoolQuestion {
  readonly pool: Pool
  /** By rule, and by the default (`undefined`): when it puts the pool first. */
  readonly first: ReadonlyMap<ExaminedRule | undefined, Formula>
}

const imageByUrl = 'the step has an image by its URL'

/** What holds of images that are given by their URL. */
export const poolLaws: readonly Formula[] = [implies(flag(imageByUrl), some('step.images'))]

export function poolQuestions(
  pools: readonly Pool[],
  rules: readonly ExaminedRule[],
  ofDefault: PolicyAction,
  facts: RoutingFacts,
): PoolQuestion[] {
  return pools.map((pool) => ({
    pool,
    first: new Map([
      ...rules.map((one) => [one, firstBy(pool, pools, one.action, facts)] as const),
      [undefined, firstBy(pool, pools, ofDefault, facts)] as const,
    ]),
  }))
}

/** Pools that neither a rule nor the default ever puts first. */
export function unreachablePools(examined: ExaminedPolicy, impossible: readonly ExaminedRule[]): Finding[] {
  const deciding = examined.deciding.filter((one) => !impossible.includes(one))
  return examined.pools.flatMap(({ pool, first }): Finding[] => {
    const ways = [...deciding, undefined]
    const isReached = ways.some((one, index) => {
      const puts = first.get(one) ?? never
      if (puts.kind === 'constant' && !puts.value) return false
      const asked = examined.find(one === undefined ? [] : [one], deciding.slice(0, index), [puts])
      return asked.kind !== 'never'
    })
    if (isReached) return []
    return [
      {
        code: 'pool_unreachable',
        level: 1,
        severity: 'report',
        rules: [],
        message: `No rule and not the default puts the pool ${pool.name} first while all models are well: it answers only where it is asked for by name, or as a fallback.`,
        witness: null,
        mend: `Write a rule that prefers it (\`prefer: { pool: ${pool.name} }\`), or leave it as a fallback.`,
      },
    ]
  })
}

function firstBy(pool: Pool, pools: readonly Pool[], action: PolicyAction, { signals }: RoutingFacts): Formula {
  const mine = eligible(pool, action)
  const { prefer } = action
  const inOrder = (given: readonly Pool[]) => {
    if (typeof prefer !== 'string') return inThisOrder(given)
    const onScreen = inThisOrder(computerFirst(given))
    return or(and(flag('step.computer_use'), onScreen), and(not(flag('step.computer_use')), inThisOrder(given)))
  }
  const inThisOrder = (order: readonly Pool[]) => {
    const before = order.slice(0, order.indexOf(pool))
    return and(mine, ...before.map((other) => not(eligible(other, action))))
  }
  if (prefer === 'cheapest') return mine
  if (prefer === 'first') return inOrder(pools)
  if (prefer === 'strongest') return inOrder(pools.toReversed().toSorted((left, right) => outputPrice(right) - outputPrice(left)))
  if (prefer === 'computer') return inOrder(computerFirst(pools))
  const wanted = (name: string) => inOrder([...pools.filter((one) => one.name === name), ...pools.filter((one) => one.name !== name)])
  if ('pool' in prefer) return wanted(prefer.pool)
  const text =
    'signal' in prefer ? (signals.find(({ signal }) => signal.name === prefer.signal)?.name ?? '') : `projections.${prefer.projection}`
  const named = pools.map((one) => and(textIs(text, one.name), wanted(one.name)))
  return or(...named, and(...pools.map((one) => not(textIs(text, one.name))), inOrder(pools)))
}

function computerFirst(pools: readonly Pool[]): Pool[] {
  return [...pools.filter(({ computer }) => computer), ...pools.filter(({ computer }) => !computer)]
}

function eligible(pool: Pool, action: PolicyAction): Formula {
  if (action.require?.pools?.includes(pool.name) === false) return never
  const isKept = pool.computer && action.prefer !== 'computer'
  return and(isKept ? flag('step.computer_use') : always, or(...pool.deployments.map((deployment) => fits(deployment, action))))
}

function fits(deployment: Deployment, { require: required, models }: PolicyAction): Formula {
  if (required?.local === true && !deployment.local) return never
  if (models?.includes(deployment.id) === false) return never
  const takes = (modality: 'image' | 'file', ...values: string[]) =>
    deployment.modalities.includes(modality) ? always : not(or(...values.map((value) => textIs('step.modality', value))))
  const { contextTokens, maxOutputTokens } = deployment
  const input = new Map([['step.input_tokens', 1]])
  const both = new Map([...input, ['step.max_output_tokens', 1]])
  const isShort = or(
    and(below('step.max_output_tokens', maxOutputTokens), compare({ terms: both, constant: -contextTokens }, '<=')),
    and(not(below('step.max_output_tokens', maxOutputTokens)), compare({ terms: input, constant: maxOutputTokens - contextTokens }, '<=')),
  )
  return and(
    takes('image', 'image', 'image+file'),
    takes('file', 'file', 'image+file'),
    deployment.local ? not(flag(imageByUrl)) : not(textIs('step.kind', 'background')),
    deployment.toolCalls ? always : not(some('step.tools_offered')),
    isShort,
  )
}

function some(number: string): Formula {
  return compare({ terms: new Map([[number, 1]]), constant: 0 }, '>')
}

function below(number: string, limit: number): Formula {
  return compare({ terms: new Map([[number, 1]]), constant: -limit }, '<=')
}

function outputPrice(pool: Pool): number {
  return Math.max(0, ...pool.deployments.map(({ price }) => price?.outputPerMillion ?? 0))
}
