import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describeDeployment } from '../models/catalogue.ts'
import { isThirdOfSix } from './sessions/events.ts'
import { generateSession } from './sessions/generator.ts'
import { type Question, readQuestions } from './sessions/outcomes.ts'
import { recordedSession } from './sessions/recorded.ts'
import { classifyEachStep, oneModel, signalbox, stagesOf, type Tiers } from './sessions/routers.ts'
import type { Session } from './sessions/session.ts'
import { type Router, type ServedStep, simulate } from './sessions/simulate.ts'
import { folder } from './tool-search/data.ts'

/**
 * What routing costs over whole sessions of agents, with simulated prompt caches: one model for all, each step by itself, and
 * Signalbox with hold and gate. The margins, the latch and the bound of the classifier were chosen on generated sessions of even
 * seeds; what is printed is the recorded session and the odd seeds, with the questions of the other half.
 *
 * Prices are the price package's. A session's strong model is the one it was recorded or generated with, Opus 4.6 or Sonnet 4.5;
 * the weak one is Haiku 4.5. `--tune` prints the even seeds.
 */
const tune = process.argv.includes('--tune')
const generated = 200
/** A turn goes to the strong model where it is expected to be ahead by this, or behind by no more. */
const hardFrom = -0.05
/** Of the spread of expected gains: with this much noise a classifier changes its mind at 5 % of steps, as one was measured to do. */
const steadyNoise = 0.11

if (!existsSync(join(folder, 'coding-agent-sessions'))) {
  console.log(`Sessions: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds coding-agent-sessions and llmrouter-scores.`)
} else {
  await measure()
}

async function measure(): Promise<void> {
  const anthropic = { name: 'anthropic', baseUrl: 'https://api.anthropic.com', loopback: false, trustedLocal: false }
  const described = await Promise.all(
    ['claude-opus-4-6', 'claude-sonnet-4-5', 'claude-haiku-4-5'].map((model) => describeDeployment(anthropic, model)),
  )
  const deployments = new Map(described.map((one) => [one.id, one]))
  const all = await readQuestions()
  const half = (odd: boolean) => all.filter((_, index) => (index % 2 === 1) === odd)
  const spread = deviation(all.map(({ expectedGap }) => expectedGap))
  const tiersOf = ({ model }: Session): Tiers => {
    const [strong, weak] = [deployments.get(`anthropic/${model}`), deployments.get('anthropic/claude-haiku-4-5')]
    if (strong === undefined || weak === undefined) throw new RangeError(`Cannot run a session of ${model}`)
    return { strong, weak }
  }
  const sessionsOf = (odd: boolean) => Array.from({ length: generated }, (_, index) => generateSession(2 * index + Number(odd)))
  const run = (session: Session, router: Router, questions: readonly Question[]) => simulate(session, router, { deployments, questions })

  const past: string[] = []
  for (const session of sessionsOf(false).slice(0, 50)) {
    const served = await run(session, oneModel(`anthropic/${session.model}`), half(false))
    past.push(
      await stagesOf(
        served.map(({ view }) => view),
        tiersOf(session),
      ),
    )
  }
  const routers: Record<string, (tiers: Tiers) => Router> = {
    'one model always': ({ strong }) => oneModel(strong.id),
    'classifier at each step': (tiers) => classifyEachStep(tiers, { hardFrom, noise: steadyNoise, spread }),
    'classifier at each step, noisy': (tiers) => classifyEachStep(tiers, { hardFrom, noise: 1, spread }),
    'Signalbox, hold: false': (tiers) => signalbox(tiers, { hardFrom, hold: false, past }),
    'Signalbox, hold and gate': (tiers) => signalbox(tiers, { hardFrom, hold: true, past }),
    'weak model always': ({ weak }) => oneModel(weak.id),
  }
  const groups: [string, Session[]][] = [
    ['The recorded session', [recordedSession()]],
    [`${generated} generated sessions, ${tune ? 'even' : 'odd'} seeds`, sessionsOf(!tune)],
  ]
  for (const [name, sessions] of groups) {
    const results: Record<string, readonly ServedStep[][]> = {}
    for (const [router, create] of Object.entries(routers)) {
      const served: ServedStep[][] = []
      for (const session of sessions) served.push(await run(session, create(tiersOf(session)), half(!tune)))
      results[router] = served
    }
    const steps = sessions.reduce((sum, session) => sum + session.steps.length, 0)
    console.log(`\n${name}: ${steps} steps`)
    console.table(Object.fromEntries(Object.entries(results).map(([router, served]) => [router, rowOf(served, results, tiersOf)])))
  }
}

function rowOf(served: readonly ServedStep[][], results: Record<string, readonly ServedStep[][]>, tiersOf: (session: Session) => Tiers) {
  const usd = (sessions: readonly ServedStep[][] = []) => sessions.reduce((sum, session) => sum + costOf(session), 0)
  const always = results['one model always'] ?? []
  const ratios = served.map((session, index) => costOf(session) / costOf(always[index] ?? []))
  const steps = served.flat()
  const strongOf = ({ view }: ServedStep) => tiersOf(view.session).strong.id
  const weaker = steps.filter((step) => step.choice.model !== strongOf(step))
  const switches = served.flatMap((session) => session.filter((step, index) => isSwitchInLoop(step, session[index - 1])))
  const { loss, plusMinus } = qualityLoss(steps, strongOf)
  return {
    usd: Number(usd(served).toFixed(2)),
    'x one model': round(usd(served) / usd(always)),
    'x classifier': round(usd(served) / usd(results['classifier at each step'])),
    'session min': round(Math.min(...ratios)),
    max: round(Math.max(...ratios)),
    'over 1.0x': ratios.filter((ratio) => ratio > 1.0001).length,
    'strong share': round(1 - weaker.length / steps.length),
    'weaker in trouble': weaker.filter(({ view }) => isInTrouble(view)).length,
    'loop switches': switches.length,
    'gate wins': switches.filter(({ choice }) => choice.brokenBy === 'gate_win').length,
    unexplained: switches.filter(({ choice }) => choice.brokenBy === null).length,
    'points lost': `${loss.toFixed(2)} +- ${plusMinus.toFixed(2)}`,
  }
}

/** Looked up in the session itself, by other code than the signals. */
function isInTrouble({ step, history }: ServedStep['view']): boolean {
  return step.trouble !== null || step.compacted || (step.draw === null && isThirdOfSix(history))
}

function isSwitchInLoop({ view, choice }: ServedStep, before: ServedStep | undefined): boolean {
  return view.step.draw === null && before !== undefined && before.choice.model !== choice.model
}

/** Of the strong model's points, over the turns of persons, by the model that answers the turn's first step; with its 95 % interval over questions. */
function qualityLoss(steps: readonly ServedStep[], strongOf: (step: ServedStep) => string): { loss: number; plusMinus: number } {
  const byQuestion = new Map<string, { sum: number; count: number }>()
  for (const step of steps) {
    if (step.view.step.draw === null) continue
    const { id, strong, weak } = step.view.question
    const lost = step.choice.model === strongOf(step) ? 0 : strong - weak
    const known = byQuestion.get(id) ?? { sum: 0, count: 0 }
    byQuestion.set(id, { sum: known.sum + lost, count: known.count + 1 })
  }
  const clusters = [...byQuestion.values()]
  const count = clusters.reduce((sum, one) => sum + one.count, 0)
  const mean = clusters.reduce((sum, one) => sum + one.sum, 0) / count
  const variance = clusters.reduce((sum, one) => sum + (one.sum - one.count * mean) ** 2, 0) / count ** 2
  return { loss: 100 * mean, plusMinus: 196 * Math.sqrt(variance) }
}

function costOf(session: readonly ServedStep[]): number {
  return session.reduce((sum, { usd }) => sum + usd, 0)
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
