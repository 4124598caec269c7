import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { createMiniLM } from '../models/local/index.ts'
import type { Message, ToolDefinition } from '../models/message.ts'
import { createTokenEstimator } from '../models/tokens.ts'
import { assessStep, createPlan, createStep, modeOf, parsePolicy } from '../policies/index.ts'
import { deployment, pool, price } from '../test/support/deployments.ts'
import { planSurroundings } from './linter/plan-surroundings.ts'

/*
 * How long a whole decision takes for an agent's step of about 20,000 tokens: reading the step off its messages, estimating its tokens,
 * signals, rules, plan. Without learned signals (the shipped policy for coding agents), and with signals that embed what the person
 * said, which is new each time while all before it stays.
 */
const rounds = 400
const pools = [
  pool('quick', [deployment('a/quick', { price: price(1, 5) })]),
  pool('deep', [deployment('a/deep', { price: price(5, 25) })]),
]
const tokens = createTokenEstimator()
const tools: ToolDefinition[] = Array.from({ length: 24 }, (_, index) => ({
  name: `tool_${index}`,
  description: 'Does one thing to a file of the project, and says what came of it. '.repeat(4),
  inputSchema: {
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 6 }, (_, key) => [`field_${key}`, { type: 'string', description: 'what it is for' }]),
    ),
  },
}))

function conversation(round: number): Message[] {
  const said = (role: Message['role'], text: string): Message => ({ role, content: [{ type: 'text', text }] })
  const course = Array.from({ length: 20 }, (_, index): Message[] => [
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: `call_${index}`, name: `tool_${index % 24}`, input: { field_0: `src/part-${index}.ts` } }],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          id: `call_${index}`,
          name: `tool_${index % 24}`,
          isError: false,
          content: [{ type: 'text', text: `export function part${index}() {\n  return read('line of code')\n}\n`.repeat(45) }],
        },
      ],
    },
  ]).flat()
  return [
    said('user', 'Make the tests of the parser pass'),
    ...course,
    said('assistant', 'Done.'),
    said('user', `Now explain what changed, part ${round}`),
  ]
}

const embedder = createMiniLM()
const learned = {
  name: 'embedding',
  signals: {
    intent: {
      kind: 'embedding',
      examples: { explain: ['explain this', 'what does it do'], change: ['fix the bug', 'write the function'] },
    },
    domain: { kind: 'domain' },
  },
  rules: [{ name: 'explained', when: 'signals.intent == "explain" || signals.domain == "law"', action: { prefer: 'cheapest' } }],
  default: { prefer: 'strongest' },
}
const shipped = parse(readFileSync(new URL('../policies/shipped/coding-agent.yaml', import.meta.url), 'utf8')) as unknown

console.log('| whole plan of an agent step | tokens | ms, p50 | p99 | goal, p50 |\n| --- | --- | --- | --- | --- |')
await measure('no learned signal (coding-agent)', shipped, '<= 1')
await measure('with two signals on the vector of new words', learned, '<= 8')
await embedder.close()

async function measure(name: string, source: unknown, goal: string): Promise<void> {
  const policy = parsePolicy(source, { source: name, pools, embedder })
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools, state: () => undefined }
  const times: number[] = []
  let estimated = 0
  for (let round = 0; round < rounds; round += 1) {
    const messages = conversation(round)
    const startedAt = performance.now()
    estimated = tokens.estimateMessages(messages, undefined, tools, modeOf(messages, tools.length))
    const step = createStep({ messages, inputTokens: estimated, maxOutputTokens: 4096, principal: 'local', toolsOffered: tools.length })
    const assessment = await assessStep(policy, step, { live })
    createPlan({ ...planSurroundings(pools), step, policy, ...assessment })
    if (round >= rounds / 4) times.push(performance.now() - startedAt)
  }
  const at = (share: number) =>
    (times.toSorted((left, right) => left - right)[Math.floor((times.length - 1) * share)] ?? Number.NaN).toFixed(2)
  console.log(`| ${name} | ${estimated} | ${at(0.5)} | ${at(0.99)} | ${goal} |`)
}
