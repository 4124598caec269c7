import {
  assessStep,
  chooseRule,
  createPlan,
  createStep,
  type Policy,
  parsePolicy,
  readProjections,
  readSignals,
} from '../policies/index.ts'
import { lintPolicy } from '../policies/linter/lint.ts'
import { deployment, pool, price } from '../test/support/deployments.ts'
import { planSurroundings } from './linter/plan-surroundings.ts'
import { kindsOfFaults, makePolicy } from './linter/policies.ts'

/* Measures the linter on policies of 200 rules, and how long a decision among 100 rules takes. */

const pools = [
  pool('quick', [deployment('a/quick', { price: price(1, 5) })]),
  pool('deep', [deployment('a/deep', { price: price(5, 25) })]),
]
const policies = 3
const policyOf = (data: unknown) => parsePolicy(data, { source: 'bench', pools, embedder: undefined })

function benchLinter(): void {
  const times: number[] = []
  const cpuBefore = process.cpuUsage().user
  const found = new Map<string, number>()
  const planted = new Map<string, number>()
  let onClean = 0
  for (let index = 0; index < policies; index += 1) {
    const clean = makePolicy(`clean ${index}`, 200, 0)
    const claimed = timed(times, policyOf(clean.data)).filter(({ severity }) => severity !== 'report')
    for (const { code, message } of claimed) console.log(`on "clean ${index}": ${code}: ${message}`)
    onClean += claimed.length
    const faulty = makePolicy(`faulty ${index}`, 200, 4)
    const findings = timed(times, policyOf(faulty.data))
    for (const { code, rule } of faulty.planted) {
      planted.set(code, (planted.get(code) ?? 0) + 1)
      const isFound = findings.some((one) => one.code === code && one.rules.includes(rule))
      if (isFound) found.set(code, (found.get(code) ?? 0) + 1)
      else console.log(`missed: ${code} in ${rule} of "faulty ${index}"`)
    }
  }
  const all = [...planted.values()].reduce((sum, one) => sum + one, 0)
  const allFound = [...found.values()].reduce((sum, one) => sum + one, 0)
  console.log('| linter, policies of 200 rules | without a linter | ours | goal |\n| --- | --- | --- | --- |')
  console.log(`| planted faults found, of ${all} | 0 | ${allFound} | ${all} |`)
  for (const code of kindsOfFaults) console.log(`| - ${code} | 0 | ${found.get(code) ?? 0} of ${planted.get(code) ?? 0} | |`)
  console.log(`| false errors and warnings on ${policies} clean policies | 0 | ${onClean} | 0 |`)
  console.log(
    `| seconds a policy, median / worst | | ${(middle(times) / 1000).toFixed(2)} / ${(Math.max(...times) / 1000).toFixed(2)} | <= 5 |`,
  )
  console.log(`| CPU seconds a policy, mean | | ${((process.cpuUsage().user - cpuBefore) / 1e6 / times.length).toFixed(2)} | |`)
}

function timed(times: number[], policy: Policy) {
  const startedAt = performance.now()
  const findings = lintPolicy(policy)
  times.push(performance.now() - startedAt)
  return findings
}

async function benchEvaluation(): Promise<void> {
  const policy = policyOf(makePolicy('evaluation', 100, 0).data)
  const step = createStep({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Find the root cause of the deadlock' }] }],
    inputTokens: 20_000,
    maxOutputTokens: 4000,
    principal: 'local',
    toolsOffered: 12,
    metadata: { team: 't57' },
  })
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools, state: () => undefined }
  const { readings } = await readSignals(policy.signals, step, { live })
  const times: number[] = []
  for (let round = 0; round < 2000; round += 1) {
    const startedAt = performance.now()
    chooseRule({ step, policy, readings, projected: readProjections(policy.projections, { step, readings }) })
    if (round >= 500) times.push(performance.now() - startedAt)
  }
  const whole: number[] = []
  for (let round = 0; round < 1000; round += 1) {
    const startedAt = performance.now()
    createPlan({ ...planSurroundings(pools), step, policy, ...(await assessStep(policy, step, { live })) })
    if (round >= 300) whole.push(performance.now() - startedAt)
  }
  console.log('\n| decision, of rules in CEL | ms, p50 | p99 | goal, p50 |\n| --- | --- | --- | --- |')
  console.log(
    `| rules alone: 100 of 5 conditions, signals given | ${middle(times).toFixed(3)} | ${quantile(times, 0.99).toFixed(3)} | <= 0.1 |`,
  )
  console.log(
    `| whole plan of an agent step of 20,000 tokens, signals read, none learned | ${middle(whole).toFixed(3)} | ${quantile(whole, 0.99).toFixed(3)} | <= 1 |`,
  )
}

function middle(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) * share)] ?? Number.NaN
}

benchLinter()
await benchEvaluation()
