import { AsyncLocalStorage } from 'node:async_hooks'
import { propagated, type TraceContext } from './trace-context.ts'

/** What goes on here and now, for spans, for log lines and for whoever is called. */
export interface ActiveTrace {
  readonly context: TraceContext
  /** Of the step, once it has one. */
  decision?: string | undefined
}

/*
 * It goes along with the asynchronous calls themselves: every function between a door and a provider would have to hand it on
 * otherwise. Entered only where there is a trace, since older Nodes make each promise dearer from the first time on.
 */
const storage = new AsyncLocalStorage<ActiveTrace>()

export function activeTrace(): ActiveTrace | undefined {
  return storage.getStore()
}

export function within<Result>(active: ActiveTrace, work: () => Result): Result {
  return storage.run(active, work)
}

/** What whoever is called now has to be told of the trace: headers of HTTP, or `_meta` of MCP. `undefined` outside of any. */
export function outgoingTrace(): Record<string, string> | undefined {
  const active = storage.getStore()
  return active && propagated(active.context)
}
