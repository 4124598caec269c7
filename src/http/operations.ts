import type { CallContext, Grant } from '../caller.ts'
import { meaningOf, speakableMessage } from '../errors.ts'
import { readStepMetadata } from '../gateway/step-metadata.ts'
import type { Log } from '../log.ts'
import { describeIssues } from '../mcp/tools.ts'
import type { Signalbox } from '../signalbox.ts'
import { refuse } from './answers.ts'

/** An operation as a plain HTTP path: its input is the body, its structured answer the response. */
export async function runOperation(
  box: Signalbox,
  name: string,
  request: { path: string; grant: Grant; body: unknown; headers?: Headers | undefined; signal: AbortSignal },
  log: Log,
): Promise<Response> {
  const { path, grant, headers = new Headers(), signal } = request
  const operation = box.operations(grant).find((one) => one.name === name)
  if (operation === undefined) return refuse(path, 404, `There is no operation ${name}`)
  const said = readStepMetadata(headers, request.body)
  if ('refused' in said) return refuse(path, 400, said.refused)
  const parsed = operation.input.safeParse(said.body)
  if (!parsed.success) return refuse(path, 400, describeIssues(parsed.error))

  const context: CallContext = {
    caller: { ...grant, door: 'http', capabilities: {}, metadata: said.metadata },
    signal,
    progress: () => undefined,
    log: () => undefined,
  }
  try {
    const result = await operation.run(parsed.data as never, context)
    if (result.kind !== 'done') return refuse(path, 409, `${name} needs an answer in the middle, which this path cannot give: use /mcp`)
    if (result.isError === true) return refuse(path, 422, textOf(result.content))
    return Response.json(result.structured ?? { text: textOf(result.content) })
  } catch (error) {
    if (signal.aborted) throw error
    const message = speakableMessage(error)
    if (message === undefined) log.error(`Cannot answer ${path}`, { error })
    return refuse(path, meaningOf(error)?.http ?? 500, message ?? 'Internal error: the reason is in the log of Signalbox')
  }
}

function textOf(content: readonly Record<string, unknown>[]): string {
  return content
    .filter((block) => block['type'] === 'text')
    .map((block) => String(block['text']))
    .join('\n')
}
