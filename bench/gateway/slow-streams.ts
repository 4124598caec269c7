import { once } from 'node:events'
import { openConnection } from './connection.ts'
import type { EventLoopDelay } from './delay-monitor.ts'
import { exchange, requestsOf, type Workload } from './load.ts'
import { megabytesWithChildren } from './resident.ts'
import type { Row } from './table.ts'
import { signalbox, startUpstream, type Way } from './ways.ts'

export interface SlowStreamsOptions {
  readonly minutes: number
  progress(text: string): void
}

const streams = 1000

/** A thousand streams at one time, each of one piece a second: how many come whole, and how late the event loop is meanwhile. */
export async function measureSlowStreams({ minutes, progress }: SlowStreamsOptions): Promise<Row[]> {
  const workload: Workload = { format: 'chat', task: 'slow', size: 'small', stream: true }
  const pieces = Math.max(2, Math.round(minutes * 60))
  const upstream = await startUpstream(pieces)
  const monitor = new URL('./delay-monitor.ts', import.meta.url).href
  const way = await signalbox({ client: 'chat', provider: 'chat', upstream: upstream.port, nodeArguments: ['--import', monitor] })
  try {
    await delayOf(way)
    progress(`slow-streams: ${streams} streams of ${pieces} s`)
    const megabytes: number[] = []
    const watch = setInterval(() => megabytes.push(megabytesWithChildren(way.child?.pid ?? 0)), 1000)
    const outcomes = await Promise.all(
      Array.from({ length: streams }, async (_, session) => {
        const connection = openConnection(way.port)
        const outcome = await exchange(connection, requestsOf(way, workload, session)(), workload, pieces)
        connection.close()
        return outcome
      }),
    )
    clearInterval(watch)
    const delay = await delayOf(way)
    const errors = outcomes.filter((outcome) => typeof outcome === 'string')
    if (errors.length > 0) progress(`slow-streams: ${errors.length} were lost, the first: ${errors[0]}`)
    const row = (what: string, unit: string, value: number, target?: Row['target']): Row => ({
      ...{ what, unit, better: 'less', target },
      rounds: new Map([[way.name, { values: [value], errors: [] }]]),
    })
    const during = `${streams} slow streams, ${pieces} s`
    return [
      row(`lost of ${during}`, 'streams', errors.length, { atMost: 0 }),
      row(`event loop delay p99, ${during}`, 'ms', delay.p99, { atMost: 50 }),
      row(`longest event loop delay, ${during}`, 'ms', delay.most),
      row(`most resident memory, ${during}`, 'MB', Math.max(...megabytes)),
    ]
  } finally {
    await way.close()
    upstream.close()
  }
}

async function delayOf({ child }: Way): Promise<EventLoopDelay> {
  if (child === undefined) throw new TypeError('Cannot ask for the delay of the event loop: there is no process')
  const answered = once(child, 'message') as Promise<[EventLoopDelay]>
  child.send('delay?')
  return (await answered)[0]
}
