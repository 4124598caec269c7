import type { Command } from 'commander'
import { withSignalbox } from '../open-box.ts'
import { harmless, note } from '../output.ts'
import { printResult, runOperation, settleServers } from '../run-operation.ts'
import { addStepOptions, type StepOptions, stepInput } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'

interface AskOptions extends StepOptions {
  readonly useTools?: boolean
}

export function addAsk(program: Command, terminal: Terminal): void {
  addStepOptions(program.command('ask').description('answer with the model pool that fits'))
    .option('--use-tools', 'let the model call hosted tools')
    .action(async (prompt: string | undefined, _options: unknown, command: Command) =>
      ask(prompt, command.optsWithGlobals<AskOptions>(), terminal),
    )
}

async function ask(prompt: string | undefined, options: AskOptions, terminal: Terminal): Promise<void> {
  const input = { ...(await stepInput(prompt, options, terminal)), ...(options.useTools === true && { use_tools: true }) }
  await withSignalbox(terminal, options, async (signalbox) => {
    if (options.useTools === true) await settleServers(signalbox, terminal)
    // A person reads along; a program gets the answer whole, when it is known to be complete.
    const live = options.json !== true && terminal.stdout.isTTY === true
    let shown = ''
    const onText = (delta: string) => {
      shown += delta
      terminal.stdout.write(harmless(delta))
    }
    const result = await runOperation(signalbox, 'ask', input, terminal, { onText: live ? onText : undefined, metadata: options.meta })
    if (shown !== '') terminal.stdout.write('\n')
    const { structured } = result
    const text = structured === undefined ? undefined : String(structured['text'])
    if (shown === '' || shown !== text) printResult(result, options, terminal, text)
    if (options.json === true || structured === undefined) return
    for (const warning of [structured['warnings'] ?? []].flat()) note(terminal, `warning: ${String(warning)}`)
    note(terminal, facts(structured))
  })
}

/** Who answered, for whoever wants to go on from there. */
function facts({ model, pool, cost_usd: cost, thread, decision, cached }: Readonly<Record<string, unknown>>): string {
  const price = typeof cost === 'number' ? `$${cost.toFixed(4)}` : 'cost unknown'
  const kept = typeof cached === 'object' && cached !== null && 'age_s' in cached ? `kept answer, ${String(cached.age_s)} s old, ` : ''
  return `[${kept}${String(model)}, pool ${String(pool)}, ${price}, thread ${String(thread)}, decision ${String(decision)}]`
}
