import { type Command, Option } from 'commander'
import { amount, collect, fileContent, keyValue, textArgument, wholeNumber } from './given.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** What `ask` and `plan` take alike. */
export interface StepOptions extends GlobalOptions {
  readonly system?: string
  readonly thread?: string
  readonly pool?: string
  readonly model?: string
  readonly file?: readonly string[]
  readonly image?: readonly string[]
  readonly maxOutputTokens?: number
  readonly maxCost?: number
  readonly cache?: string
  readonly meta?: Readonly<Record<string, string>>
}

export function addStepOptions(command: Command): Command {
  return command
    .argument('[prompt]', 'what to do; - or nothing reads it from stdin')
    .option('--system <text>', 'instructions for the model')
    .option('--thread <id or name>', 'the thread it belongs to; a new name makes a new one')
    .option('--pool <name>', 'the pool that has to answer')
    .option('--model <provider/model>', 'the model that has to answer')
    .option('--file <path>', 'a text file or PDF that goes with it; can be repeated', collect)
    .option('--image <path>', 'an image that goes with it; can be repeated', collect)
    .option('--max-output-tokens <n>', 'the longest answer', wholeNumber('--max-output-tokens'))
    .option('--meta <key=value>', 'what the policy is told of the step; can be repeated', keyValue('--meta'))
    .addOption(new Option('--cache <how>', 'what becomes of kept answers: asked without them, or anew').choices(['no-store', 'no-cache']))
    .option('--max-cost <usd>', 'what the answer may cost at most', amount('--max-cost'))
}

/** The input of `ask` and `plan_step`. */
export async function stepInput(prompt: string | undefined, options: StepOptions, terminal: Terminal): Promise<Record<string, unknown>> {
  const images = await Promise.all((options.image ?? []).map(async (path) => asDataUrl((await fileContent(path, terminal)).bytes)))
  const files = await Promise.all((options.file ?? []).map(async (path) => asFile(await fileContent(path, terminal))))
  return {
    prompt: await textArgument(prompt, 'the prompt', terminal),
    ...(images.length > 0 && { images }),
    ...(files.length > 0 && { files }),
    ...defined({
      system: options.system,
      thread: options.thread,
      pool: options.pool,
      model: options.model,
      max_output_tokens: options.maxOutputTokens,
      max_cost_usd: options.maxCost,
      cache: options.cache,
    }),
  }
}

/** Without the fields that were not given. */
export function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function asFile({ name, bytes }: { name: string; bytes: Buffer }): Record<string, unknown> {
  const isPdf = bytes.subarray(0, 5).toString('latin1') === '%PDF-'
  return { name, mimeType: isPdf ? 'application/pdf' : 'text/plain', data: bytes.toString('base64') }
}

export function asDataUrl(bytes: Buffer): string {
  return `data:application/octet-stream;base64,${bytes.toString('base64')}`
}
