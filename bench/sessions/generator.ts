import type { Message, ToolCallPart } from '../../models/message.ts'
import { chanceOf } from '../../policies/chance.ts'
import type { Session, SessionStep } from './session.ts'

/**
 * Sessions of agents, made from a seed: the same seed gives the same session.
 *
 * Every distribution is a table of quantiles that was read off recorded work before anything was measured with it; the comment
 * of each says whose. What no record tells (how often a call is repeated in a row, how long a session lasts) stands here as well,
 * with its reason, and is not to be changed to make a figure better.
 */
export function generateSession(seed: number): Session {
  const chance = chanceOf(`session-${seed}`)
  const kind = pick(chance(), [
    ['interactive', 0.5],
    ['task', 0.3],
    ['service', 0.2],
  ] as const)
  const shape = shapes[kind]
  const model = chance() < 0.5 ? 'claude-opus-4-6' : 'claude-sonnet-4-5'
  const headTokens = Math.round(quantile(headTable, chance()))
  const writer = createWriter(chance)
  const steps: SessionStep[] = []
  let at = 0
  let promptTokens = headTokens

  for (let turn = shape.turns(chance()); turn > 0; turn -= 1) {
    const stepsOfTurn = Math.max(1, Math.round(quantile(shape.stepsPerTurn, chance())))
    writer.beginTurn(stepsOfTurn)
    for (let index = 0; index < stepsOfTurn; index += 1) {
      const opening = index === 0
      if (steps.length > 0) at += quantile(opening ? thinkTable : gapTable, chance()) * 1000
      const { incoming, trouble } = opening ? writer.userTurn() : writer.continuation()
      const grown = quantile(opening ? userGrowthTable : shape.growth, chance())
      promptTokens += Math.round(grown)
      const compacted = promptTokens > compactionTokens
      if (compacted) promptTokens = headTokens + Math.round(quantile(summaryTable, chance()))
      steps.push({
        at: Math.round(at),
        promptTokens,
        outputTokens: Math.round(quantile(outputTable, chance())),
        incoming: compacted ? [summary, ...incoming] : incoming,
        compacted,
        trouble,
        jitter: normal(chance),
        draw: opening ? chance() : null,
      })
    }
  }
  return { id: `generated-${seed}`, kind, model, headTokens, steps }
}

/** Values at 0, 5, 25, 50, 75, 90, 95, 99 and 100 %. */
type Table = readonly [number, number, number, number, number, number, number, number, number]
const marks = [0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1] as const

// Of the recorded session of a coding agent (439 requests): seconds between requests inside a loop, and to the next one of the
// person; tokens by which the prompt grows; tokens of an answer; requests a turn.
const gapTable: Table = [1, 3.3, 4.2, 5.2, 6.8, 9.4, 11.7, 18, 61]
const thinkTable: Table = [3.7, 12.7, 24.8, 49.3, 106, 228, 480, 718, 718]
const growthTable: Table = [50, 91, 134, 256, 476, 782, 1108, 2885, 13_311]
const userGrowthTable: Table = [10, 14, 74, 142, 280, 410, 737, 1054, 1054]
const outputTable: Table = [1, 47, 81, 103, 211, 393, 592, 1151, 2838]
const stepsPerTurnTable: Table = [1, 1, 2, 3, 5, 10, 14, 40, 73]
// Of five issue-solving transcripts (5 to 14 requests on one turn; growth by message lengths); the tail is the recorded session's.
const taskStepsTable: Table = [5, 5, 8, 13, 20, 30, 40, 60, 73]
const taskGrowthTable: Table = [36, 76, 117, 186, 865, 1135, 1459, 1847, 1847]
// Of fifty service conversations (tau-bench, airline): requests a turn, turns, and tokens of a message.
const serviceStepsTable: Table = [1, 1, 1, 1, 2, 3, 4, 9, 13]
const serviceTurnsTable: Table = [4, 4, 6, 7, 9, 12, 15, 26, 26]
const serviceGrowthTable: Table = [10, 10, 21, 37, 95, 174, 210, 314, 1690]
// First prompts: the recorded session began at 1.7 K, transcripts at 1.4 to 10 K, a production coding service's requests stand at
// 1.5 K (median) and 5 K (90 %), and a trace of long-prompt agents at 11.6 K (median) and 38.6 K (90 %).
const headTable: Table = [1400, 1700, 2100, 5200, 11_600, 23_200, 38_600, 49_000, 66_500]
/** What a summary of the conversation leaves, beside the head: a few thousand tokens, by the habit of coding agents. */
const summaryTable: Table = [1000, 1500, 2500, 4000, 6000, 8000, 10_000, 12_000, 15_000]
/** The recorded session reached 177,604 tokens of a window of 200,000; agents sum up before it is full. */
const compactionTokens = 180_000

/**
 * Of the recorded session: 19 of 373 results are errors, and after one the next is one in 26 % of cases; 10 of 391 calls stand
 * for the third time within six. Of the texts of its errors about a quarter name a missing file or a compiler's error.
 */
const errorAfterCalm = 0.04
const errorAfterError = 0.26
/** A turn in which the agent turns in circles: 10 calls of 391 need about one episode of 3 to 5 repeats in 130 steps. */
const stallPerStep = 0.008
/** Rare in records, and the reason for the strictest rule: out of memory, a connection refused. */
const criticalShare = 0.05
const missingShare = 0.25
/** Test runs that pass, of the calls of a shell. */
const passedShare = 0.06

interface Shape {
  readonly turns: (chance: number) => number
  readonly stepsPerTurn: Table
  readonly growth: Table
}

const shapes: Readonly<Record<'interactive' | 'task' | 'service', Shape>> = {
  // Log-uniform from a short talk to the 88 turns of the recorded session.
  interactive: {
    turns: (chance) => Math.round(Math.exp(Math.log(4) + chance * Math.log(88 / 4))),
    stepsPerTurn: stepsPerTurnTable,
    growth: growthTable,
  },
  task: { turns: (chance) => 1 + Math.floor(chance * 3), stepsPerTurn: taskStepsTable, growth: taskGrowthTable },
  service: {
    turns: (chance) => Math.round(quantile(serviceTurnsTable, chance)),
    stepsPerTurn: serviceStepsTable,
    growth: serviceGrowthTable,
  },
}

/** Of the recorded session: 192 of a shell, 128 edits, 50 reads, 3 new files. */
const toolMix = [
  ['bash', 0.515],
  ['edit', 0.343],
  ['read', 0.134],
  ['write', 0.008],
] as const

const summary: Message = {
  role: 'user',
  content: [{ type: 'text', text: 'This session is being continued from a previous conversation.' }],
}

function createWriter(chance: () => number) {
  let calls = 0
  let lastFailed = false
  let repeating = 0
  let repeated: Pick<ToolCallPart, 'name' | 'input'> | undefined
  let phase = 0
  let length = 1

  const nextCall = (): Pick<ToolCallPart, 'name' | 'input'> => {
    if (repeating > 0 && repeated !== undefined) {
      repeating -= 1
      return repeated
    }
    const name = pick(chance(), mixAt(phase / length))
    const call = { name, input: { target: `${name}-${Math.floor(chance() * 1_000_000)}` } }
    if (chance() < stallPerStep) {
      repeated = call
      repeating = 2 + Math.floor(chance() * 3)
    }
    return call
  }

  return {
    beginTurn(steps: number) {
      phase = 0
      length = steps
      repeating = 0
    },
    userTurn(): Pick<SessionStep, 'incoming' | 'trouble'> {
      lastFailed = false
      return { incoming: [{ role: 'user', content: [{ type: 'text', text: 'The next request.' }] }], trouble: null }
    },
    continuation(): Pick<SessionStep, 'incoming' | 'trouble'> {
      phase += 1
      calls += 1
      const call = nextCall()
      const failed = chance() < (lastFailed ? errorAfterError : errorAfterCalm)
      lastFailed = failed
      const text = failed ? failureText(chance()) : call.name === 'bash' && chance() < passedShare ? '12 passed, 0 failed' : 'done'
      const id = `call-${calls}`
      return {
        incoming: [
          { role: 'assistant', content: [{ type: 'tool-call', id, ...call }] },
          {
            role: 'user',
            content: [{ type: 'tool-result', id, name: call.name, content: [{ type: 'text', text }], isError: failed }],
          },
        ],
        trouble: failed ? (criticalTexts.includes(text) ? 'critical' : 'error') : null,
      }
    },
  }
}

const criticalTexts = ['bash: fatal: out of memory', 'connect ECONNREFUSED 127.0.0.1:5432: connection refused']

function failureText(chance: number): string {
  if (chance < criticalShare / 2) return criticalTexts[0] ?? ''
  if (chance < criticalShare) return criticalTexts[1] ?? ''
  if (chance < criticalShare + missingShare) return 'cat: src/missing.ts: No such file or directory\n\nCommand exited with code 1'
  return 'Command exited with code 1'
}

/** Agents look around first and write later: reads come with three times their share in the first third, edits in the last two. */
function mixAt(progress: number): readonly (readonly [string, number])[] {
  const early = progress < 1 / 3
  const weighted = toolMix.map(
    ([name, share]) => [name, share * (name === 'read' && early ? 3 : name === 'edit' && early ? 0.4 : 1)] as const,
  )
  const sum = weighted.reduce((total, [, share]) => total + share, 0)
  return weighted.map(([name, share]) => [name, share / sum] as const)
}

function quantile(table: Table, at: number): number {
  const upper = marks.findIndex((mark) => mark >= at)
  if (upper <= 0) return table[0]
  const [low, high] = [marks[upper - 1] ?? 0, marks[upper] ?? 1]
  const [from, to] = [table[upper - 1] ?? 0, table[upper] ?? 0]
  return from + ((at - low) / (high - low)) * (to - from)
}

function pick<const Name extends string>(at: number, shares: readonly (readonly [Name, number])[]): Name {
  let left = at
  for (const [name, share] of shares) {
    left -= share
    if (left < 0) return name
  }
  return (shares.at(-1) as readonly [Name, number])[0]
}

/** Box-Muller. */
function normal(chance: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance())
}
