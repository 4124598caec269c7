import { median } from '../speed/figure.ts'
import { openConnection } from './connection.ts'
import { exchange, requestsOf, type Workload } from './load.ts'
import { megabytesWithChildren } from './resident.ts'
import type { Row } from './table.ts'
import { signalbox, startUpstream } from './ways.ts'

export interface SessionsOptions {
  readonly requests: number
  progress(text: string): void
}

const sessions = 1000
const connections = 16
const samples = 20

/** What Signalbox holds while agent bodies of a thousand sessions come in, each session with messages of its own. */
export async function measureSessions({ requests, progress }: SessionsOptions): Promise<Row[]> {
  const workload: Workload = { format: 'chat', task: 'quick', size: 'agent' }
  const upstream = await startUpstream()
  const way = await signalbox({ client: 'chat', provider: 'chat', upstream: upstream.port })
  try {
    const next = Array.from({ length: sessions }, (_, session) => requestsOf(way, workload, session))
    const held: number[] = [megabytesWithChildren(way.child?.pid ?? 0)]
    const errors: string[] = []
    let begun = 0
    let done = 0
    const one = async () => {
      const connection = openConnection(way.port)
      while (begun < requests) {
        // A session's next request comes after all others have had theirs, so no two of its requests share its buffer.
        const request = next[begun % sessions]?.() ?? Buffer.alloc(0)
        begun += 1
        const outcome = await exchange(connection, request, workload)
        if (typeof outcome === 'string') errors.push(outcome)
        done += 1
        if (done % Math.ceil(requests / samples) === 0) {
          held.push(megabytesWithChildren(way.child?.pid ?? 0))
          progress(`memory: ${done} of ${requests} requests, ${held.at(-1)?.toFixed(0)} MB`)
        }
      }
      connection.close()
    }
    const begin = performance.now()
    await Promise.all(Array.from({ length: connections }, one))
    const perSecond = (done / (performance.now() - begin)) * 1000
    const row = (what: string, unit: string, better: Row['better'], value: number, target?: Row['target']): Row => ({
      ...{ what, unit, better, target },
      rounds: new Map([[way.name, { values: [value], errors }]]),
    })
    const [third, fourth] = [held.slice(-held.length / 2, -held.length / 4), held.slice(-held.length / 4)]
    const of = `${requests} requests of ${sessions} sessions`
    return [
      row(`most resident memory, ${of}`, 'MB', 'less', Math.max(...held), { atMost: 250 }),
      row('grown from the third quarter of them to the last', 'MB', 'less', median(fourth) - median(third), { atMost: 10 }),
      row('requests a second meanwhile', '/s', 'more', perSecond),
    ]
  } finally {
    await way.close()
    upstream.close()
  }
}
