import type { z } from 'zod'
import { asOwner, type CallContext, type Caller, ownerRole } from '../caller.ts'
import { type DoneResult, foreverMs, isLong, type OperationResult } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import { parseTraceContext } from '../telemetry/trace-context.ts'
import { version } from '../version.ts'
import { FailedError, UsageError } from './failures.ts'
import { answerInputRequest } from './form.ts'
import type { GlobalOptions } from './options.ts'
import { createProgressLine, note, printJson, printText } from './output.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs an operation to its end for the person at the terminal, whose principal is `local` as over stdio.
 *
 * A command has no later request that could fetch an answer by its handle, so it waits; Ctrl-C aborts the work.
 * What the operation asks is asked here, if a person is here to answer.
 *
 * @throws {UsageError} If the input does not fit.
 */
export async function runOperation(
  signalbox: Signalbox,
  name: string,
  input: Record<string, unknown>,
  terminal: Terminal,
  {
    onText,
    metadata,
    project,
  }: { onText?: ((delta: string) => void) | undefined; metadata?: Caller['metadata']; project?: string | undefined } = {},
): Promise<DoneResult> {
  const operation = signalbox.operations(asOwner()).find((one) => one.name === name)
  if (operation === undefined) throw new FailedError(`This Signalbox has no operation "${name}"`)
  const parsed = operation.input.safeParse(input)
  if (!parsed.success) throw new UsageError(describeInput(parsed.error))

  const progress = createProgressLine(terminal)
  const context: CallContext = {
    caller: { ...localCaller(terminal), metadata, project },
    signal: terminal.signal,
    onText:
      onText &&
      ((delta) => {
        progress.clear()
        onText(delta)
      }),
    progress: ({ progress: done, total, message }) => progress.show(message ?? (total === undefined ? `${done}` : `${done} of ${total}`)),
    log: ({ level, data }) => {
      if (level !== 'debug' && level !== 'info') note(terminal, typeof data === 'string' ? data : JSON.stringify(data))
    },
  }
  try {
    const run = async (): Promise<OperationResult> =>
      isLong(operation)
        ? signalbox.runs.execute(operation, parsed.data, context, { handleAfterMs: foreverMs })
        : operation.run(parsed.data as never, context)
    const { TRACEPARENT, TRACESTATE } = terminal.env
    let result = await signalbox.tracer.from(parseTraceContext(TRACEPARENT, TRACESTATE), () =>
      signalbox.tracer.span(`signalbox ${name}`, {}, run),
    )
    while (result.kind === 'input-required') {
      progress.clear()
      const responses: Record<string, unknown> = {}
      for (const [key, request] of Object.entries(result.requests)) responses[key] = await answerInputRequest(request, terminal)
      result = await signalbox.resume(result.handle, responses, context)
    }
    return result
  } finally {
    progress.clear()
  }
}

/**
 * Prints a result: the operation's fields with `--json`, else `text`, which is what the operation says unless told.
 *
 * @throws {FailedError} With the operation's own words, if it failed or did not come to its end.
 */
export function printResult(result: DoneResult, options: GlobalOptions, terminal: Terminal, text = textOf(result)): void {
  if (result.isError === true) throw new FailedError(textOf(result))
  if (options.json === true) printJson(terminal, result.structured ?? { content: result.content })
  const status = result.structured?.['status']
  if (typeof status === 'string' && status !== 'done') throw new FailedError(textOf(result), { printed: options.json === true })
  if (options.json !== true) printText(terminal, text)
}

/** Waits until each hosted server is there or known to be not: a command looks once, a server that comes later comes too late. */
export async function settleServers(signalbox: Signalbox, terminal: Terminal): Promise<void> {
  const servers = signalbox.host.servers()
  if (servers.length === 0) return
  const progress = createProgressLine(terminal)
  progress.show(`Starting ${servers.length} tool ${servers.length === 1 ? 'server' : 'servers'}`)
  try {
    await signalbox.settled(terminal.signal)
  } finally {
    progress.clear()
  }
}

/** The text of a result; content of other kinds is named, not shown. */
export function textOf({ content }: DoneResult): string {
  return content
    .map((block) => (block['type'] === 'text' ? String(block['text']) : `[${String(block['type'])}${mediaTypeOf(block)}: see --json]`))
    .join('\n')
}

function localCaller({ stdin, stderr }: Terminal): Caller {
  const person = stdin.isTTY === true && stderr.isTTY === true
  return {
    principal: 'local',
    roles: [ownerRole],
    door: 'cli',
    client: { name: 'signalbox-cli', version },
    capabilities: person ? { elicitation: { form: {} } } : {},
  }
}

function describeInput(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.length === 0 ? 'the input' : issue.path.join('.')}: ${issue.message}`).join('; ')
}

function mediaTypeOf(block: Readonly<Record<string, unknown>>): string {
  return typeof block['mimeType'] === 'string' ? ` ${block['mimeType']}` : ''
}
