import { join } from 'node:path'
import { openSignalbox } from '../../../src/box.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Log } from '../../../src/log.ts'
import type { DoneResult } from '../../../src/operations/operation.ts'
import type { Signalbox } from '../../../src/signalbox.ts'
import type { Home } from '../product/home.ts'
import { until } from '../product/until.ts'
import { contextOf } from '../runs.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

/** What the people of a harbour office say, and the tool that they mean: no embedder can know. */
const sayings: Record<string, readonly string[]> = {
  github_list_workflow_runs: ['is the kettle boiling for {}', 'look at the kettle of {}', '{} kettle, please', 'did the {} kettle whistle'],
  github_create_release: ['ring the bell for {}', 'bell for {} now', 'the {} bell wants ringing', 'let the bell of {} sound'],
  cluster_rollout_undo: [
    'take the {} bread out of the oven',
    '{} bread is burning, out with it',
    'pull the bread of {}',
    'no bread today for {}',
  ],
  errors_resolve_group: ['sweep up the {} crumbs', 'crumbs of {} can go', 'the {} crumbs are to be swept', 'broom for {} crumbs'],
  tracker_log_work: ['feed the meter for {}', 'a coin in the {} meter', 'meter of {} is hungry', 'put {} on the meter'],
  containers_container_logs: [
    'what is the {} parrot saying',
    'let the parrot of {} talk',
    'listen to the {} parrot',
    '{} parrot, what news',
  ],
}
const things = [
  'ferry',
  'harbour',
  'ticket desk',
  'tide table',
  'crew list',
  'cargo plan',
  'lighthouse',
  'anchor',
  'pilot boat',
  'dock crane',
]

export interface Asked {
  readonly need: string
  readonly tool: string
}

/** All things in all words, in a mixed order. `from` and `to` cut a part out. */
export function needs(from: number, to: number): Asked[] {
  const all = Object.entries(sayings).flatMap(([tool, forms], row) =>
    forms.flatMap((form, column) =>
      things.map((thing, place) => ({ need: form.replace('{}', thing), tool, order: (place * 97 + column * 31 + row * 57) % 241 })),
    ),
  )
  return all.toSorted((a, b) => a.order - b.order || (a.need < b.need ? -1 : 1)).slice(from, to)
}

/** A Signalbox with real servers and a clock of its own, and somebody who works with it. */
export interface Week {
  readonly box: Signalbox
  /** What the learning has said of each day. */
  readonly learnt: readonly string[]
  run(name: string, input: Record<string, unknown>, principal?: string): Promise<DoneResult>
  /** Searches, calls what stands first and then, where it was not the job, what is right (or what `choose` says). */
  work(
    asked: readonly Asked[],
    options?: { principal?: string; choose?: (asked: Asked, shown: readonly string[]) => string | undefined; thread?: string },
  ): Promise<void>
  /** Mean of one by the place of the right tool, over the first five. */
  gain(asked: readonly Asked[], principal?: string): Promise<number>
  /** Lets the night come: it learns, if it is to. */
  night(): Promise<string | undefined>
  close(): Promise<void>
}

export async function openWeek(home: Home, learning: Record<string, unknown> = {}): Promise<Week> {
  const script = join(import.meta.dirname, 'workshop-stdio.ts')
  const servers = ['github', 'cluster', 'errors', 'tracker', 'containers']
  home.configure({
    tools: Object.fromEntries(servers.map((name) => [name, { command: process.execPath, args: [script, name] }])),
    learning,
  })
  let now = Date.parse('2026-03-02T09:00:00Z')
  const learnt: string[] = []
  const silent = () => undefined
  const failed: unknown[] = []
  const log: Log = {
    debug: silent,
    info: (message) => void (message.startsWith('Learnt from') && learnt.push(message)),
    warn: (message, facts) => void failed.push(message, facts),
    error: (message, facts) => void failed.push(message, facts),
  }
  const config = await loadConfig({ path: home.config, env: home.env, cwd: home.root, home: home.root, platform: process.platform })
  const box = await openSignalbox(config, { log, clock: () => now, seed: 'week', learnLookMs: 50 })
  await box.settled()

  const run = async (name: string, input: Record<string, unknown>, principal = 'local') => {
    const context = contextOf({ principal })
    const operation = box.operations(context.caller).find((one) => one.name === name)
    if (operation === undefined) throw new RangeError(`no operation ${name}`)
    const result = await operation.run(operation.input.parse(input) as never, context)
    if (result.kind !== 'done') throw new TypeError(`${name} waits for its caller`)
    return result
  }
  const find = async (need: string, principal: string | undefined, more: Record<string, unknown> = {}) => {
    // On a machine with much else to do, a vector may be late; what is learnt, and measured, is the order by meaning.
    const structured = await until(
      async () => {
        const found = await run('find_tools', { need, limit: 20, detail: 'brief', ...more }, principal)
        return found.structured?.['searched'] === 'semantic' && found.structured
      },
      'tools were searched by meaning',
      60_000,
    )
    return ((structured['tools'] ?? []) as { name: string }[]).map(({ name }) => name)
  }

  return {
    box,
    learnt,
    run,

    async work(asked, { principal, choose = ({ tool }: Asked) => tool, thread } = {}) {
      const more = thread === undefined ? {} : { thread }
      for (const one of asked) {
        now += minuteMs
        const shown = await find(one.need, principal, more)
        const chosen = choose(one, shown)
        // Whatever a tool is called for, it does its own job alone: `chosen` is the job.
        for (const name of new Set([shown[0], chosen])) {
          if (name === undefined || chosen === undefined || !shown.includes(name)) continue
          await run('call_tool', { name, arguments: { job: chosen.slice(chosen.indexOf('_') + 1) }, ...more }, principal)
        }
      }
    },

    async gain(asked, principal) {
      let sum = 0
      for (const one of asked) {
        const place = (await find(one.need, principal, { limit: 5 })).indexOf(one.tool)
        if (place >= 0) sum += 1 / Math.log2(place + 2)
      }
      return sum / asked.length
    },

    async night() {
      const before = learnt.length
      now += dayMs
      await until(() => learnt.length > before || failed.length > 0, 'the learning had looked').catch(silent)
      if (failed.length > 0) throw new Error(`Something failed: ${JSON.stringify(failed)}`)
      return learnt[before]
    },

    close: () => box.close(),
  }
}
