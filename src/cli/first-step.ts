import { asOwner, type CallContext } from '../caller.ts'
import type { DoneResult } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import { version } from '../version.ts'

export interface FirstStepOptions {
  /** A text file that a hosted file server may read, about the ferry of the question. */
  file: string
  /** The file as it is shown. */
  shownAs: string
  write(line: string): void
  signal: AbortSignal
}

const thread = 'first-step'
const question = 'When does the ferry leave?'

/** Find, call, ask and plan, printed as an agent would see them: through the operations that every client uses. */
export async function firstStep(signalbox: Signalbox, { file, shownAs, write, signal }: FirstStepOptions): Promise<void> {
  const context: CallContext = {
    caller: { principal: 'local', ...asOwner(), door: 'cli', client: { name: 'signalbox-start', version }, capabilities: {} },
    signal,
    progress: () => undefined,
    log: () => undefined,
  }
  const run = async (name: string, input: Record<string, unknown>): Promise<DoneResult> => {
    const operation = signalbox.operations(asOwner()).find((one) => one.name === name)
    if (operation === undefined) throw new TypeError(`There is no operation ${name}`)
    const result = await operation.run(operation.input.parse(input) as never, context)
    if (result.kind !== 'done') throw new TypeError(`${name} asked for input where it has nothing to ask`)
    return result
  }

  write(`Signalbox ${version}: one step, from the need to the answer.`)
  await signalbox.settled(signal)
  const servers = signalbox.host.servers()
  write(
    `Hosted: ${servers.map((server) => `${server.name} (${server.phase}, ${server.tools} ${server.tools === 1 ? 'tool' : 'tools'})`).join(', ')}`,
  )

  write('\n1. find_tools {"need": "look into a text file on this machine"}')
  const found = await run('find_tools', { need: 'look into a text file on this machine', limit: 3 })
  const tools = (found.structured?.['tools'] ?? []) as { name: string; call_with: string; score: number }[]
  for (const tool of tools) write(`   ${tool.score.toFixed(3)}  ${tool.name} (${tool.call_with})`)

  const reader = tools.find((tool) => /read.*file/.test(tool.name) && tool.call_with === 'call_tool')?.name ?? tools[0]?.name ?? ''
  write(`\n2. call_tool {"name": "${reader}", "arguments": {"path": "${shownAs}"}, "thread": "${thread}"}`)
  const called = await run('call_tool', { name: reader, arguments: { path: file }, thread })
  write(indent(textOf(called).trim()))

  write(`\n3. ask {"prompt": "${question}", "thread": "${thread}"}`)
  const answered = await run('ask', { prompt: question, thread })
  write(indent(textOf(answered)))

  write('\n4. Why? The plan behind that answer (plan_step, signalbox plan):')
  write(indent(textOf(await run('plan_step', { prompt: question, thread }))))
}

function textOf(result: DoneResult): string {
  return result.content.map((block) => String(block['text'] ?? '')).join('\n')
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `   ${line}`))
    .join('\n')
}
