import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeDeployment } from '../../models/catalogue.ts'
import type { LiveTarget } from './call.ts'
import { createCap } from './cap.ts'
import { type RowResult, runLive } from './run-live.ts'

class UsageError extends Error {}

const vendors = {
  openai: {
    variable: 'OPENAI_API_KEY',
    url: 'https://api.openai.com/v1',
    formats: { openai: 'openai-responses', 'openai-chat': 'openai-chat' },
  },
  anthropic: { variable: 'ANTHROPIC_API_KEY', url: 'https://api.anthropic.com', formats: { anthropic: 'anthropic-messages' } },
} as const

type Vendor = keyof typeof vendors

export interface LiveTerminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  out(text: string): unknown
  err(text: string): unknown
}

/** Runs the rows as the arguments ask, and gives the exit code: 0 when all hold, 1 when not, 2 when it cannot start. */
export async function runLiveLine(args: string[], terminal: LiveTerminal): Promise<number> {
  try {
    return await run(args, terminal)
  } catch (error) {
    if (!(error instanceof UsageError) && error !== terminal.signal.reason) throw error
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
}

async function run(args: string[], { env, signal, out, err }: LiveTerminal): Promise<number> {
  const values = parse(args)
  const maxUsd = Number(values['max-usd'])
  if (!(maxUsd > 0 && maxUsd <= 100)) throw new UsageError(`--max-usd must be above 0 and at most 100, received "${values['max-usd']}"`)
  const targets = [
    ...(await targetsOf('openai', env, values['openai-model'], values['openai-url'])),
    ...(await targetsOf('anthropic', env, values['anthropic-model'], values['anthropic-url'])),
  ]
  if (targets.length === 0) {
    throw new UsageError('A live run needs a real key in OPENAI_API_KEY or ANTHROPIC_API_KEY, and spends at most --max-usd (0.50) on it')
  }
  const cap = createCap(maxUsd)
  const progress = (line: string) => void err(`${line}\n`)
  const results = await runLive({ targets, cap, fetch, signal, cassettes: values.cassettes, progress })
  out(`${tableOf(results)}\n\nCounted $${cap.spentUsd.toFixed(4)} of the cap of $${maxUsd.toFixed(2)}; cassettes in ${values.cassettes}\n`)
  return results.every(({ verdict }) => verdict === 'holds') ? 0 : 1
}

function parse(args: string[]) {
  const text = (standard: string) => ({ type: 'string' as const, default: standard })
  const options = {
    'max-usd': text('0.50'),
    'openai-model': text('gpt-5-nano'),
    'anthropic-model': text('claude-haiku-4-5'),
    'openai-url': text(vendors.openai.url),
    'anthropic-url': text(vendors.anthropic.url),
    cassettes: text(join('test', 'cassettes')),
  }
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** None without a key. */
async function targetsOf(vendor: Vendor, env: LiveTerminal['env'], model: string, baseUrl: string): Promise<LiveTarget[]> {
  const { variable, url, formats } = vendors[vendor]
  const key = env[variable]
  if (key === undefined || key === '') return []
  if (!URL.canParse(baseUrl)) throw new UsageError(`--${vendor}-url must be a URL, received "${baseUrl}"`)
  // A stand-in on this machine is priced like the vendor: the cap must hold there too.
  const priced = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(baseUrl).hostname) ? url : baseUrl
  const facts = { name: vendor, baseUrl: priced, loopback: false, trustedLocal: false }
  const deployment = await describeDeployment(facts, model)
  if (deployment.price === null) {
    throw new UsageError(
      `Cannot start: the price of ${deployment.id} is not known, so no cap could hold; name another with --${vendor}-model`,
    )
  }
  return Object.entries(formats).map(([name, format]) => ({ name, format, baseUrl, key, deployment }))
}

function tableOf(results: readonly RowResult[]): string {
  const head = ['target', 'model', 'row', 'verdict', 'calls', 'ms', 'USD', 'seen']
  const rows = results
    .toSorted((left, right) => left.target.localeCompare(right.target))
    .map(({ target, model, row, verdict, calls, ms, costUsd, detail }) => [
      ...[target, model, row, verdict, String(calls), String(ms), costUsd.toFixed(5)],
      detail.replaceAll('|', '/').slice(0, 160),
    ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}
