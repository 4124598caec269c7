import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clocks } from '../../src/dispatch/clocks.ts'
import { type CallSeen, callLive, type LiveTarget } from './call.ts'
import type { Cap } from './cap.ts'
import { type Cassette, type Exchange, recordingFetch } from './cassette.ts'
import { cassetteText } from './clean.ts'
import { Differs, type LiveRow, liveRows, NoRoom } from './rows.ts'

export interface RowResult {
  readonly target: string
  readonly row: string
  readonly model: string
  readonly verdict: 'holds' | 'differs' | 'left out'
  /** What was seen, or what should have been. */
  readonly detail: string
  readonly calls: number
  readonly ms: number
  readonly costUsd: number
}

export interface RowOptions {
  target: LiveTarget
  cap: Cap
  fetch: typeof fetch
  signal: AbortSignal
  clocks?: Partial<Clocks> | undefined
}

export interface LiveOptions extends Omit<RowOptions, 'target'> {
  targets: readonly LiveTarget[]
  /** Where cassettes go: one file a row, in a folder a target. */
  cassettes: string
  progress(line: string): void
}

/** Runs every row on every target, one call at a time, and keeps a cassette of each row that was run. */
export async function runLive({ targets, cassettes, progress, ...options }: LiveOptions): Promise<RowResult[]> {
  const found: RowResult[] = []
  for (const row of liveRows) {
    for (const target of targets) {
      options.signal.throwIfAborted()
      progress(`${target.name}: ${row.name}`)
      const exchanges: Exchange[] = []
      const result = await runRow(row, { ...options, target, fetch: recordingFetch(options.fetch, exchanges) })
      found.push(result)
      if (exchanges.length > 0) keep(cassettes, { target, row, result, exchanges })
    }
  }
  return found
}

/** One row on one target: on a service, or on what a cassette holds of one. */
export async function runRow(row: LiveRow, options: RowOptions): Promise<RowResult> {
  const { target, cap } = options
  const seen: CallSeen[] = []
  const before = { usd: cap.spentUsd, at: performance.now() }
  const call = async (request: Parameters<typeof callLive>[0]) => {
    const one = await callLive(request, options)
    seen.push(one)
    return one
  }
  const { verdict, detail } = await verdictOf(() => row.run(call, target))
  const ms = Math.round(performance.now() - before.at)
  const calls = seen.flatMap(({ attempts }) => attempts).filter(({ error }) => error?.kind !== 'budget').length
  return {
    target: target.name,
    row: row.name,
    model: target.deployment.model,
    verdict,
    detail,
    calls,
    ms,
    costUsd: cap.spentUsd - before.usd,
  }
}

async function verdictOf(run: () => Promise<string>): Promise<Pick<RowResult, 'verdict' | 'detail'>> {
  try {
    return { verdict: 'holds', detail: await run() }
  } catch (error) {
    if (error instanceof NoRoom) return { verdict: 'left out', detail: error.message }
    if (error instanceof Differs) return { verdict: 'differs', detail: error.message }
    throw error
  }
}

function keep(
  folder: string,
  { target, row, result, exchanges }: { target: LiveTarget; row: LiveRow; result: RowResult; exchanges: Exchange[] },
): void {
  const cassette: Cassette = {
    target: target.name,
    format: target.format,
    row: row.name,
    model: target.deployment.model,
    recorded: new Date().toISOString().slice(0, 10),
    verdict: result.verdict,
    exchanges,
  }
  mkdirSync(join(folder, target.name), { recursive: true })
  writeFileSync(join(folder, target.name, `${row.name}.json`), cassetteText(cassette, [target.key]))
}
