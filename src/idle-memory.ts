import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Log } from './log.ts'

export interface IdleMemoryOptions {
  log: Log
  /** How long nothing may have happened before memory is given back, and how often that is looked at. */
  everyMs?: number | undefined
}

/** Of a period, in which case a collection delays nobody. */
const idleShare = 0.01
/** A collection takes about a tenth of a second: since the last one, the heap must have grown by what is worth that. */
const leastGrowthBytes = 8 * 1024 * 1024

/**
 * Gives the memory that work has left empty back to the system once the work is over. A client keeps this process for days,
 * most of them idle, and the engine by itself keeps some 30 MB of room for work that does not come.
 *
 * @returns what ends it; it keeps no process from ending.
 */
export function giveBackMemoryWhenIdle({ log, everyMs = 10_000 }: IdleMemoryOptions): () => void {
  let period = performance.eventLoopUtilization()
  let heapBytes = 0
  let collecting = false

  const look = async () => {
    const { utilization } = performance.eventLoopUtilization(period)
    period = performance.eventLoopUtilization()
    if (collecting || utilization > idleShare || getHeapStatistics().total_heap_size < heapBytes + leastGrowthBytes) return
    collecting = true
    try {
      await collect()
    } catch (error) {
      log.debug('Cannot give memory back', { error })
    }
    heapBytes = getHeapStatistics().total_heap_size
    collecting = false
  }

  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** The only way to ask for a collection that needs no flag at the start of the process. A Node without inspector has none. */
async function collect(): Promise<void> {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}
