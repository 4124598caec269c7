import { z } from 'zod'
import { openSqliteStore, type Store } from '../../memory/index.ts'
import type { CallContext, Caller } from '../../src/caller.ts'
import { describeRun } from '../../src/operations/long.ts'
import type { DoneResult, LongOperation, Operation } from '../../src/operations/operation.ts'
import { type Approvals, createApprovals } from '../../src/runs/approvals.ts'
import { thisProcess } from '../../src/runs/owner.ts'
import type { RunRegistry, RunScope } from '../../src/runs/run.ts'
import { createRuns, type RunsOptions } from '../../src/runs/runs.ts'

export type Long = Operation & { long: LongOperation }

export interface RunsFixture {
  readonly runs: RunRegistry
  readonly store: Store
  readonly approvals: Approvals
  /** What was logged as a warning or an error. */
  readonly logged: { message: string; facts: unknown }[]
  /** Of `operation`: how often its work was begun. */
  readonly begun: () => number
  readonly operation: Long
}

export interface RunsFacts extends Partial<Omit<RunsOptions, 'operation' | 'log'>> {
  path?: string
  store?: Store
  joinKey?: (input: never) => string | undefined
}

/** Runs over a real store, and one operation that does what the test says. */
export async function runsFor(work: (scope: RunScope, input: unknown) => Promise<DoneResult>, facts: RunsFacts = {}): Promise<RunsFixture> {
  const { path = ':memory:', joinKey, store = await openSqliteStore({ path }), ...options } = facts
  const approvals = options.approvals ?? createApprovals(store.rows)
  const logged: RunsFixture['logged'] = []
  let begun = 0
  const operation: Long = {
    name: 'work',
    title: 'Work',
    description: '',
    input: z.looseObject({}),
    annotations: { readOnlyHint: true, openWorldHint: false },
    long: {
      execute(input, scope) {
        begun += 1
        return work(scope, input)
      },
      present: (run) => text(describeRun(run)),
      ...(joinKey !== undefined && { joinKey }),
    },
    run: () => Promise.reject(new TypeError('started by the runs alone')),
  }
  const log = (message: string, facts?: unknown) => void logged.push({ message, facts })
  const runs = createRuns({
    rows: store.rows,
    approvals,
    owner: thisProcess('this'),
    operation: (name) => (name === operation.name ? operation : undefined),
    log: { warn: log, error: log },
    ...options,
  })
  return { runs, store, approvals, logged, begun: () => begun, operation }
}

export function text(words: string): DoneResult {
  return { kind: 'done', content: [{ type: 'text', text: words }] }
}

/** Of a result that is done. */
export function wordsOf(result: unknown): string {
  return String((result as DoneResult).content[0]?.['text'])
}

export const dialogue = { elicitation: { form: {} } }

export function contextOf(caller: Partial<Caller> = {}, context: Partial<CallContext> = {}): CallContext {
  return {
    caller: { principal: 'local', roles: ['owner'], door: 'stdio', capabilities: {}, ...caller },
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
    ...context,
  }
}
