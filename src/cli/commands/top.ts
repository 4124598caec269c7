import { emitKeypressEvents } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import type { StepSummary } from '../../console/wire.ts'
import { openConfig, withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { harmless, note, printJson, printText, table } from '../output.ts'
import { runOperation } from '../run-operation.ts'
import { findRunning } from '../running.ts'
import { cost } from '../step-tree.ts'
import type { Terminal } from '../terminal.ts'

const orders = ['newest', 'dearest', 'slowest'] as const
type Order = (typeof orders)[number]

/** What is shown of one moment. */
interface Moment {
  readonly from: string
  readonly status: Status
  readonly steps: readonly StepSummary[]
}

const model = z.looseObject({
  model: z.string(),
  state: z.string().catch('unknown'),
  in_flight: z.number().catch(0),
  calls: z.number().catch(0),
  failures: z.number().catch(0),
  first_content_p50_ms: z.number().optional().catch(undefined),
  first_content_p95_ms: z.number().optional().catch(undefined),
})
const statusSchema = z.looseObject({
  version: z.string().catch(''),
  pools: z.array(z.looseObject({ pool: z.string(), models: z.array(model) })).catch([]),
  budget: z.looseObject({ usd_per_day: z.number().nullable().catch(null), spent_today_usd: z.number().nullable().catch(null) }).optional(),
  spend_today: z.looseObject({ usd: z.number(), calls: z.number() }).optional(),
})
type Status = z.infer<typeof statusSchema>

const everyMs = 1000
const stepsShown = 20
const textShown = 48

export function addTop(program: Command, terminal: Terminal): void {
  program
    .command('top')
    .description('show pools and the newest steps as they go on (q quits, p pauses, s sorts); without a terminal, once')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      const { config } = await openConfig(terminal, options, 'warn')
      const running = await findRunning(config.dataFolder, terminal.signal)
      if (running !== undefined) {
        const look = async (): Promise<Moment> => {
          const [status, steps] = await Promise.all([running.status(terminal.signal), running.steps(terminal.signal)])
          return { from: running.url, status: statusSchema.parse(status), steps }
        }
        return show(look, options, terminal)
      }
      note(terminal, 'No HTTP server of Signalbox runs on this data: steps of all its processes are shown, and of pools what is configured')
      await withSignalbox(terminal, options, async (signalbox) => {
        const look = async (): Promise<Moment> => {
          const { structured } = await runOperation(signalbox, 'status', {}, terminal)
          return {
            from: config.dataFolder,
            status: statusSchema.parse(structured),
            steps: (await signalbox.console.steps(undefined)).steps,
          }
        }
        await show(look, options, terminal)
      })
    })
}

async function show(look: () => Promise<Moment>, options: GlobalOptions, terminal: Terminal): Promise<void> {
  const { stdout } = terminal
  if (options.json === true) return printJson(terminal, await look())
  if (stdout.isTTY !== true) return printText(terminal, shown(await look(), 'newest'))
  const keys = readKeys(terminal)
  try {
    let moment = await look()
    while (!keys.isOver()) {
      if (!keys.isPaused()) moment = await look()
      const told = `${shown(moment, keys.order())}\n\nq quit   p ${keys.isPaused() ? 'go on' : 'pause'}   s sort (${keys.order()})`
      // Drawn over what was there: to clear first would flicker.
      stdout.write(`\u001b[H${harmless(told).replaceAll('\n', '\u001b[K\n')}\u001b[K\u001b[J`)
      const turn = new AbortController()
      const signal = AbortSignal.any([terminal.signal, turn.signal])
      await Promise.race([keys.pressed(), pause(everyMs, undefined, { signal }).catch(() => undefined)])
      // A wait that lost would hold the process after the last key.
      turn.abort()
    }
  } finally {
    keys.close()
  }
}

function shown({ from, status, steps }: Moment, order: Order): string {
  const { budget, spend_today: spend } = status
  const daily = budget?.usd_per_day ?? null
  const money = `${cost(budget?.spent_today_usd ?? spend?.usd ?? 0)} today${daily === null ? '' : ` of ${cost(daily)}`}`
  const pools = status.pools.flatMap(({ pool, models }) =>
    models.map((one) => [
      pool,
      one.model,
      one.state,
      String(one.in_flight),
      String(one.calls),
      String(one.failures),
      milliseconds(one.first_content_p50_ms),
      milliseconds(one.first_content_p95_ms),
    ]),
  )
  const rows = sorted(steps, order)
    .slice(0, stepsShown)
    .map((step) => [
      new Date(step.at).toISOString().slice(11, 19),
      step.status,
      step.model ?? 'nobody',
      step.rule,
      milliseconds(step.latency_ms ?? undefined),
      cost(step.cost_usd),
      step.text.replace(/\s+/g, ' ').slice(0, textShown),
    ])
  return [
    `Signalbox ${status.version} at ${from}, ${money}`,
    '',
    table([['POOL', 'MODEL', 'STATE', 'NOW', 'CALLS', 'FAILED', 'FIRST P50', 'P95'], ...pools]),
    '',
    table([['TIME', 'END', 'MODEL', 'RULE', 'TOOK', 'COST', 'TEXT'], ...rows]),
  ].join('\n')
}

function sorted(steps: readonly StepSummary[], order: Order): readonly StepSummary[] {
  if (order === 'newest') return steps
  const by = (step: StepSummary) => (order === 'dearest' ? step.cost_usd : step.latency_ms) ?? 0
  return steps.toSorted((left, right) => by(right) - by(left))
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${Math.round(ms)} ms`
}

interface Keys {
  isOver(): boolean
  isPaused(): boolean
  order(): Order
  /** Resolves at the next key. */
  pressed(): Promise<void>
  close(): void
}

function readKeys({ stdin, signal }: Terminal): Keys {
  let isOver = false
  let isPaused = false
  let order = 0
  let tell = Promise.withResolvers<void>()
  const raw = stdin as typeof stdin & { setRawMode?: (on: boolean) => void }
  const onKey = (_: string | undefined, key: { name?: string; ctrl?: boolean } = {}) => {
    if (key.name === 'q' || (key.ctrl === true && key.name === 'c')) isOver = true
    else if (key.name === 'p') isPaused = !isPaused
    else if (key.name === 's') order = (order + 1) % orders.length
    else return
    tell.resolve()
    tell = Promise.withResolvers()
  }
  emitKeypressEvents(stdin)
  raw.setRawMode?.(true)
  stdin.on('keypress', onKey)
  stdin.resume()
  return {
    isOver: () => isOver || signal.aborted,
    isPaused: () => isPaused,
    order: () => orders[order] ?? 'newest',
    pressed: () => tell.promise,
    close() {
      stdin.off('keypress', onKey)
      raw.setRawMode?.(false)
      stdin.pause()
    },
  }
}
