import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dot, type Embedder } from '../../models/embedder.ts'
import { type AskedCall, suspicionOf, suspicionThreshold } from '../../policies/tool-calls/suspicion.ts'
import { toolCallRows } from '../../scripts/tool-calls/rows.ts'
import { areaOf, figure, row } from '../signals/figures.ts'
import { folder, type Row, read, string } from '../tool-search/data.ts'

interface Judged {
  readonly score: number
  readonly unlikeness: number
}

/**
 * Calls that a person asked for against those that nobody did. Of tau-bench's recorded conversations each call that a model made counts as
 * asked for, and as not asked for the writing call of another conversation; its rows were not learnt from.
 */
export async function benchToolCalls(embedder: Embedder): Promise<void> {
  row('tool calls: not asked for against asked for', 'texts', 'cosine', 'guard', 'goal')
  const told = async (name: string, rows: readonly { call: AskedCall; isAsked: boolean }[]) => {
    const judged = await Promise.all(rows.map(async ({ call, isAsked }) => ({ ...(await judge(call, embedder)), isAsked })))
    const asked = judged.filter((one) => one.isAsked)
    const strange = judged.filter((one) => !one.isAsked)
    const area = (of: (one: Judged) => number) => figure(areaOf(strange.map(of), asked.map(of)))
    row(
      `${name}: AUC`,
      `${strange.length}/${asked.length}`,
      area((one) => one.unlikeness),
      area((one) => one.score),
    )
    const flagged = (ones: typeof judged) => figure(ones.filter(({ score }) => score >= suspicionThreshold).length / ones.length)
    row('  found / flagged at the threshold', '', '', `${flagged(strange)}/${flagged(asked)}`)
  }
  const rows = toolCallRows()
  await told(
    'own, learnt from',
    rows.filter(({ isHeldOut }) => !isHeldOut),
  )
  await told(
    'own, held out',
    rows.filter(({ isHeldOut }) => isHeldOut),
  )
  if (!existsSync(join(folder, 'tau-bench'))) return
  await told("tau-bench's conversations, not learnt from", recordedCalls())
  const session = codingCalls()
  const scores = await Promise.all(session.map(async (call) => ({ call, score: (await suspicionOf(call, embedder)).score })))
  const flagged = (ones: typeof scores) => `${figure(ones.filter(({ score }) => score >= suspicionThreshold).length / ones.length)}`
  row('a coding agent, calls of a long session: flagged', String(scores.length), '', flagged(scores))
  for (const [name, ones] of Map.groupBy(scores, ({ call }) => call.tool.name)) row(`  ${name}`, String(ones.length), '', flagged(ones))
}

/** What a coding agent did by itself for what it was told: all of it counts as asked for. */
function codingCalls(): AskedCall[] {
  const about: Record<string, AskedCall['tool']> = {
    read: { name: 'read', description: 'Reads a file', effect: 'read' },
    write: { name: 'write', description: 'Writes a file', effect: 'write' },
    edit: { name: 'edit', description: 'Replaces text in a file', effect: 'write' },
    bash: { name: 'bash', description: 'Runs a command in a shell', effect: 'write' },
  }
  const said: string[] = []
  return read('coding-agent-sessions/large-session.jsonl.gz').flatMap((message) => {
    if (message['role'] === 'user' && typeof message['text'] === 'string') said.push(message['text'])
    return ((message['tool_calls'] ?? []) as Row[]).flatMap((call): AskedCall[] => {
      const tool = about[string(call['name'])]
      const input = argumentsOf(string(call['arguments']))
      return tool === undefined || input === undefined ? [] : [{ asked: said.slice(-6).join('\n'), tool, arguments: input }]
    })
  })
}

/** Long ones were cut in the recording. */
function argumentsOf(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

async function judge(call: AskedCall, embedder: Embedder): Promise<Judged> {
  const [asked, deed] = (await embedder.embed([call.asked.slice(-600), `${call.tool.name}. ${call.tool.description}`])) as [
    Float32Array,
    Float32Array,
  ]
  return { score: (await suspicionOf(call, embedder)).score, unlikeness: -dot(asked, deed) }
}

const writing = /^(?:book|cancel|update|send)_/

function recordedCalls() {
  const tools = new Map(read('tau-bench/tools.jsonl').map((one) => [string(one['name']), string(one['description'])]))
  const conversations = read('tau-bench/trajectories_gpt4o_airline.jsonl.gz').map((one) => {
    const said: string[] = []
    return (one['messages'] as Row[]).flatMap((message) => {
      if (message['role'] === 'user') said.push(string(message['content']))
      return ((message['tool_calls'] ?? []) as Row[]).map((call): AskedCall => {
        const name = string(call['name'])
        const effect = name.startsWith('cancel') ? 'destructive' : writing.test(name) ? 'write' : 'read'
        return {
          asked: said.slice(-6).join('\n'),
          tool: { name, description: tools.get(name) ?? '', effect },
          arguments: JSON.parse(string(call['arguments'])) as Record<string, unknown>,
        }
      })
    })
  })
  return conversations.flatMap((calls, place) => {
    const other = conversations.slice(place + 1).find((ones) => ones.some(({ tool }) => tool.effect !== 'read')) ?? []
    const strange = other.filter(({ tool }) => tool.effect !== 'read').slice(0, 2)
    const last = calls.at(-1)
    return [
      ...calls.map((call) => ({ call, isAsked: true })),
      ...(last === undefined ? [] : strange.map((call) => ({ call: { ...call, asked: last.asked }, isAsked: false }))),
    ]
  })
}
