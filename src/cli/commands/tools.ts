import type { Command } from 'commander'
import type { HostedTool, PinChange } from '../../../tools/tool.ts'
import { lineDifference } from '../../line-difference.ts'
import type { Signalbox } from '../../signalbox.ts'
import { FailedError, UsageError } from '../failures.ts'
import { textArgument, wholeNumber } from '../given.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText, table } from '../output.ts'
import { confirmed, hasPerson } from '../question.ts'
import { printResult, runOperation, settleServers } from '../run-operation.ts'
import { defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'
import { audit } from './tools-audit.ts'
import { learn } from './tools-learn.ts'
import { login, logout } from './tools-login.ts'

interface ToolOptions extends GlobalOptions {
  readonly thread?: string
  readonly limit?: number
  readonly server?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly last?: number
}

export function addTools(program: Command, terminal: Terminal): void {
  const tools = program.command('tools').description('find, list, call and approve the tools of hosted servers')
  const withTools = async (options: ToolOptions, use: (signalbox: Signalbox) => Promise<void>) => {
    await withSignalbox(terminal, options, async (signalbox) => {
      await settleServers(signalbox, terminal)
      await use(signalbox)
    })
  }

  tools
    .command('find')
    .description('the tools that fit a step, said in your own words')
    .argument('[need]', 'what has to be done; - or nothing reads it from stdin')
    .option('--thread <id or name>', 'the thread that the step belongs to')
    .option('--limit <n>', 'how many tools', wholeNumber('--limit'))
    .action(async (need: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ToolOptions>()
      const input = { need: await textArgument(need, 'the need', terminal), ...defined({ thread: options.thread, limit: options.limit }) }
      await withTools(options, async (signalbox) => {
        const result = await runOperation(signalbox, 'find_tools', input, terminal)
        printResult(result, options, terminal, foundInWords(result.structured))
        const found = [result.structured?.['tools'] ?? []].flat()
        if (found.length > 0 && result.structured?.['searched'] === 'lexical')
          note(terminal, 'Searched by words only: no vectors are there (yet)')
      })
    })
  tools
    .command('list')
    .description('all hosted tools')
    .option('--server <name>', 'of this server only')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ToolOptions>()
      await withTools(options, async (signalbox) => list(signalbox, options, terminal))
    })
  tools
    .command('call')
    .description('run a tool')
    .argument('<name>', 'as find and list show it')
    .argument('[arguments]', 'a JSON object; - reads it from stdin', '{}')
    .action(async (name: string, given: string, _options: unknown, command: Command) => {
      const input = { name, arguments: parseArguments(await textArgument(given, 'the arguments', terminal)) }
      const options = command.optsWithGlobals<ToolOptions>()
      await withTools(options, async (signalbox) => {
        // Who types the call has decided on it; what may destroy is confirmed all the same.
        printResult(await runOperation(signalbox, 'call_tool_write', input, terminal), options, terminal)
      })
    })
  tools
    .command('learn')
    .description('learn their ranking from how calls ended, now instead of once a day')
    .option('--dry-run', 'show what would move, and change nothing')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ToolOptions>()
      await withTools(options, async (signalbox) => learn(signalbox, options, terminal))
    })
  tools
    .command('audit')
    .description('which tools were called, by whom, with what kind of arguments, and what the policy said')
    .option('--last <n>', 'how many calls, the latest last; 50 unless given', wholeNumber('--last'))
    .action(async (_options: unknown, command: Command) => audit(command.optsWithGlobals<ToolOptions>(), terminal))
  tools
    .command('login')
    .description('log in to a hosted server over HTTP (OAuth), on a page that is printed')
    .argument('<server>', 'its name in the configuration')
    .action(async (server: string, _options: unknown, command: Command) =>
      login(server, command.optsWithGlobals<GlobalOptions>(), terminal),
    )
  tools
    .command('logout')
    .description('delete the tokens of a login')
    .argument('<server>', 'its name in the configuration')
    .action(async (server: string, _options: unknown, command: Command) =>
      logout(server, command.optsWithGlobals<GlobalOptions>(), terminal),
    )
  tools
    .command('diff')
    .description('definitions that wait for your approval, and what changed in them')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ToolOptions>()
      await withTools(options, async ({ host }) => {
        const pins = host.pins()
        if (options.json === true) printJson(terminal, { waiting: pins })
        else printText(terminal, pins.length === 0 ? 'No definition waits for approval.' : pins.map(pinInWords).join('\n\n'))
      })
    })
  tools
    .command('pin')
    .description('approve the definition of a tool as it is offered now')
    .argument('<name>', 'as diff shows it')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ToolOptions>()
      await withTools(options, async ({ host }) => {
        const pin = host.pins().find((one) => one.name === name)
        if (pin === undefined) throw new FailedError(`No definition of a tool "${name}" waits for approval`)
        if (options.yes !== true) {
          if (!hasPerson(terminal)) throw new UsageError('Nobody is here to read the definition: read it with "tools diff", then add --yes')
          note(terminal, pinInWords(pin))
          if (!(await confirmed(terminal, 'Approve this definition?'))) throw new FailedError('Nothing was approved')
        }
        await host.acceptPin(name, pin.hash)
        if (options.json === true) printJson(terminal, { approved: name, hash: pin.hash })
        else printText(terminal, `Approved ${name}`)
      })
    })
}

function list({ host, exampleNeeds }: Signalbox, { server, json }: ToolOptions, terminal: Terminal): void {
  const known = host.servers().map((one) => one.name)
  if (server !== undefined && !known.includes(server))
    throw new UsageError(`--server must be one of ${known.join(', ') || '(none is configured)'}, received "${server}"`)
  const anyExamples = host.catalogue().tools.some((tool) => exampleNeeds(tool).length > 0)
  const examplesOf = (tool: HostedTool) => {
    const count = exampleNeeds(tool).length
    return anyExamples ? [count === 0 ? '' : `${count} example needs`] : []
  }
  const found = host.catalogue().tools.filter((tool) => server === undefined || tool.server === server)
  if (json === true) {
    printJson(terminal, {
      tools: found.map((tool) => ({
        name: tool.name,
        server: tool.server,
        description: tool.description,
        read_only: tool.readOnly,
        ...defined({ quarantined: tool.quarantined }),
        ...(exampleNeeds(tool).length > 0 && { example_needs: exampleNeeds(tool) }),
      })),
    })
    return
  }
  printText(
    terminal,
    found.length === 0
      ? 'No tool is hosted: add MCP servers under tools: in the configuration.'
      : table(found.map((tool) => [tool.name, effectOf(tool), ...examplesOf(tool), firstLine(tool.description)])),
  )
}

function effectOf({ quarantined, readOnly }: HostedTool): string {
  if (quarantined !== undefined) return 'held back'
  return readOnly ? 'reads' : 'writes'
}

function foundInWords(structured: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (structured === undefined) return undefined
  const tools = structured['tools'] as { name: string; score: number; call_with: string; description?: string }[]
  const rows = tools.map((tool) => [
    tool.name,
    tool.score.toFixed(3),
    tool.call_with === 'call_tool' ? 'reads' : 'writes',
    firstLine(tool.description ?? ''),
  ])
  if (rows.length === 0) return undefined
  const verdict = structured['none_fits'] === true ? ['No hosted tool seems to fit; the nearest:'] : []
  return [...verdict, table(rows)].join('\n')
}

function pinInWords({ name, server, kind, reason, pinned, offered, since }: PinChange): string {
  const what = kind === 'new' ? 'is new' : 'has changed'
  const lines = lineDifference(pinned === undefined ? '' : JSON.stringify(pinned, null, 2), JSON.stringify(offered, null, 2))
  return `${name} of ${server} ${what} (first seen ${new Date(since).toISOString()})\nHeld back: ${reason}\n${showInvisible(lines)}`
}

/** A person who decides on a text has to see what a model would read in it. */
function showInvisible(text: string): string {
  return text.replace(
    /(?!\n)[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Co}\u2800]/gu,
    (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`,
  )
}

function parseArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw new UsageError('The arguments must be a JSON object, such as {"path": "notes.txt"}', { cause })
  }
  throw new UsageError('The arguments must be a JSON object, such as {"path": "notes.txt"}')
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > 100 ? `${line.slice(0, 97)}...` : line
}
