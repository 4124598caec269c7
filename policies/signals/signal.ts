import type { z } from 'zod'
import type { Embedder } from '../../models/embedder.ts'
import type { DeploymentState, Pool } from '../../models/pool.ts'
import type { RiskSeen } from '../../models/risk.ts'
import type { Step } from '../step.ts'
import { letOthersRun } from './heads/cholesky.ts'

export type SignalValue = boolean | number | string

/** A named fact about a step. It reports, never chooses. */
export interface SignalReading {
  readonly signal: string
  readonly value: SignalValue
  /** 0–1: 1 for what was read, less for what was inferred. */
  readonly confidence: number
  readonly ms: number
  /** What it adds to the session's account. */
  readonly seen?: RiskSeen | undefined
}

/**
 * A signal: one file each, named by the policy that wants it.
 *
 * `cost` says what it takes: `read` looks at facts that are there, `scan` at the text, `embed` needs the embedder, `wait` asks somebody
 * else. A signal that cannot be computed throws, and the trace says so: it is then absent from conditions, which is not the same as false.
 */
export interface Signal {
  readonly name: string
  readonly cost: 'read' | 'scan' | 'embed' | 'wait'
  readonly type: 'bool' | 'double' | 'string'
  /** What a value of type `string` can be, where that is known: the linter reasons over it. */
  readonly values?: readonly string[] | undefined
  /** What a value says of work that goes wrong: it may take a running loop off its model, for a stronger one. */
  readonly trouble?: SignalTrouble | undefined
  read(step: Step, context: ReadContext): Promise<SignalResult> | SignalResult
}

export interface SignalTrouble {
  readonly by: 'stage_escalation' | 'stall_escalation'
  /** In a sentence; `undefined` when all is well. */
  of(value: SignalValue): string | undefined
}

export interface SignalResult {
  readonly value: SignalValue
  readonly confidence: number
  readonly seen?: RiskSeen | undefined
}

export interface ReadContext {
  readonly signal?: AbortSignal | undefined
  readonly live: LiveFacts
}

/** What is true of the surroundings at this moment, for signals that look past the step. */
export interface LiveFacts {
  /** Epoch milliseconds. */
  readonly now: number
  readonly budget: { readonly usdPerDay: number | undefined; readonly spentTodayUsd: number | undefined }
  readonly pools: readonly Pool[]
  state(deployment: string): DeploymentState | undefined
}

/** What a signal may need of its surroundings when it is made. */
export interface SignalSurroundings {
  readonly pools: readonly Pool[]
  readonly embedder: Embedder | undefined
  /** Reads a file that the policy names, from the policy's folder. @throws {Error} If it cannot. */
  readonly readFile?: ((path: string) => Uint8Array) | undefined
  /** Asks a classifier behind a URL; fills `${VAR}` in the headers. @throws {Error} If it gives no `Classification`. */
  readonly classify?: ((request: ClassifyRequest) => Promise<Classification>) | undefined
  /** Calls a hosted tool that only reads and gives its structured result. @throws {Error} If that is no `Classification`. */
  readonly callTool?: ((request: ClassifyCall) => Promise<Classification>) | undefined
}

export interface ClassifyRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly signal?: AbortSignal | undefined
}

export interface ClassifyCall {
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal | undefined
}

export interface Classification {
  readonly label: string
  /** 0–1 */
  readonly confidence: number
}

/**
 * What a file that the policy names holds; without a way to read files the signal is there, and fails when it is read.
 *
 * @throws {Error} If the file cannot be read or parsed: the policy is not served then.
 */
export function givenFile<Content>(
  { readFile }: SignalSurroundings,
  path: string,
  parse: (bytes: Uint8Array) => Content,
): { readonly known: Content | undefined; read(): Content } {
  const known = readFile && parse(readFile(path))
  return {
    known,
    read() {
      if (known === undefined) throw new Error(`the file "${path}" cannot be read here`)
      return known
    },
  }
}

/** One kind of signal: what a policy file writes for it, and how it is made. `policies/signals/kinds.ts` lists them all. */
export interface SignalKind<Schema extends z.ZodObject = z.ZodObject> {
  /** What its value is, what it says and what each option means, for `docs/signals.md`, which is made of them: Markdown. Each kind that ships says them. */
  readonly value?: string
  readonly is?: string
  readonly options?: { readonly [Option in Exclude<keyof z.output<Schema>, 'kind'>]-?: string }
  /** A strict object whose `kind` is a literal. */
  readonly schema: Schema
  create(name: string, options: z.output<Schema>, surroundings: SignalSurroundings): Signal
}

/** Types `create` by the schema beside it. */
export function defineSignal<Schema extends z.ZodObject>(kind: SignalKind<Schema>): SignalKind<Schema> {
  return kind
}

/** What a reading is when its signal failed: reported as unscored, never as clean. */
export interface SignalFailure {
  readonly signal: string
  readonly error: string
  readonly ms: number
}

/**
 * Reads all signals; a failed one costs only itself. Those that ask the embedder or somebody else begin, so that these work while the
 * others look at the text on this thread.
 */
export async function readSignals(
  signals: readonly Signal[],
  step: Step,
  context: ReadContext,
): Promise<{ readings: SignalReading[]; failures: SignalFailure[] }> {
  const readings: SignalReading[] = []
  const failures: SignalFailure[] = []
  const read = async (one: Signal) => {
    context.signal?.throwIfAborted()
    const startedAt = performance.now()
    try {
      const { value, confidence, seen } = await one.read(step, context)
      readings.push({ signal: one.name, value, confidence, ms: elapsed(startedAt), ...(seen !== undefined && { seen }) })
    } catch (error) {
      context.signal?.throwIfAborted()
      failures.push({ signal: one.name, error: error instanceof Error ? error.message : String(error), ms: elapsed(startedAt) })
    }
  }
  const [elsewhere, here] = [signals.filter(asksElsewhere), signals.filter((one) => !asksElsewhere(one))]
  const asked = Promise.all(elsewhere.map(read))
  // Who leaves meanwhile is told below.
  asked.catch(() => undefined)
  if (elsewhere.length > 0 && here.length > 0) await letOthersRun()
  await Promise.all([asked, ...here.map(read)])
  const rank = new Map(signals.map((one, index) => [one.name, index]))
  readings.sort((left, right) => (rank.get(left.signal) ?? 0) - (rank.get(right.signal) ?? 0))
  return { readings, failures }
}

function asksElsewhere({ cost }: Signal): boolean {
  return cost === 'embed' || cost === 'wait'
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1000) / 1000
}
