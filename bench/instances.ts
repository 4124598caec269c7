import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Figure, median, ofRounds } from './speed/figure.ts'
import { type Connected, connect, createHome, hosting, program, untilIndexed } from './speed/program.ts'
import { tableOf } from './speed/table.ts'

/*
 * What four clients over stdio cost against one: on one instance that they share, and each in a process of its own. Counted is the
 * proportional set size (PSS) of every Signalbox process, those in front of the clients and the watchdog included; the hosted
 * servers are counted in number. Linux alone tells it. `--rounds=3`, `--tools=500`, `--json`.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    tools: { type: 'string', default: '500' },
  },
})
const rounds = Number(values.rounds)
const tools = Number(values.tools)
/** Memory is given back once nothing has happened for a while. */
const idleMs = 30_000

if (!existsSync('/proc/self/smaps_rollup')) {
  process.stdout.write('Not measured: this system does not tell the proportional set size of a process.\n')
  process.exit()
}

interface Cost {
  readonly megabytes: number
  readonly hosted: number
  readonly processes: string
}

const kinds = {
  'one client, alone': () => costOf(1, ['--no-share']),
  'one client, shared instance': () => costOf(1, []),
  'four clients, each alone': () => costOf(4, ['--no-share']),
  'four clients, one instance': () => costOf(4, []),
}
type Kind = keyof typeof kinds
const costs = new Map<Kind, Cost[]>()
for (let round = 1; round <= rounds; round += 1) {
  for (const kind of Object.keys(kinds) as Kind[]) {
    process.stderr.write(`round ${round} of ${rounds}: ${kind}\n`)
    costs.set(kind, [...(costs.get(kind) ?? []), await kinds[kind]()])
  }
}

const of = (kind: Kind, what: 'megabytes' | 'hosted') => (costs.get(kind) ?? []).map((cost) => cost[what])
const memory = (kind: Kind): Figure => ({
  what: `PSS, ${kind}`,
  unit: 'MB',
  ...ofRounds(of(kind, 'megabytes')),
  note: costs.get(kind)?.at(-1)?.processes,
})
const against = (kind: Kind, one: Kind, what: 'megabytes' | 'hosted') =>
  ofRounds(of(kind, what).map((cost, round) => cost / (of(one, what)[round] ?? Number.NaN)))
const figures: Figure[] = [
  ...(Object.keys(kinds) as Kind[]).map(memory),
  {
    what: 'PSS, four clients on one instance against one client',
    unit: 'x',
    atMost: 1.5,
    ...against('four clients, one instance', 'one client, shared instance', 'megabytes'),
    floor: {
      what: 'four, each alone, against one alone',
      measured: median(against('four clients, each alone', 'one client, alone', 'megabytes').spread),
    },
  },
  {
    what: 'hosted servers, four clients on one instance against one client',
    unit: 'x',
    atMost: 1,
    ...against('four clients, one instance', 'one client, shared instance', 'hosted'),
    floor: {
      what: 'four, each alone, against one alone',
      measured: median(against('four clients, each alone', 'one client, alone', 'hosted').spread),
    },
  },
]
if (values.json) process.stdout.write(`${JSON.stringify({ rounds, tools, figures }, null, 2)}\n`)
else process.stdout.write(`${tableOf(figures)}\n\n${tools} tools with their vectors, ${rounds} rounds, idle for ${idleMs / 1000} s.\n`)

async function costOf(count: number, options: readonly string[]): Promise<Cost> {
  using home = createHome()
  const args = [program, 'serve', ...options, '--config', home.configure({ tools: hosting(tools) })]
  const clients: Connected[] = []
  try {
    for (let index = 0; index < count; index += 1) clients.push(await connect(args, home))
    for (const { client } of clients) {
      await untilIndexed(client, tools)
      await client.callTool({ name: 'find_tools', arguments: { need: 'look up the newest invoices' } })
    }
    await wait(idleMs)
    const serving = await Promise.all(clients.map(pidOfInstance))
    const processes = [...new Set([...clients.map(({ pid }) => pid), ...serving])]
    const all = [...new Set(processes.flatMap((pid) => [pid, ...descendantsOf(pid)]))]
    const isHosted = (pid: number) => commandOf(pid).includes('hosted-server.js')
    const own = all.filter((pid) => !isHosted(pid)).map((pid) => ({ pid, megabytes: pssOf(pid) }))
    return {
      megabytes: own.reduce((sum, { megabytes }) => sum + megabytes, 0),
      hosted: all.filter(isHosted).length,
      processes: own.map(({ pid, megabytes }) => `${roleOf(pid)} ${megabytes.toFixed(0)}`).join(', '),
    }
  } finally {
    await Promise.all(clients.map((one) => one.close()))
  }
}

async function pidOfInstance({ client }: Connected): Promise<number> {
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
  return (structuredContent as { instance: { pid: number } }).instance.pid
}

function roleOf(pid: number): string {
  const command = commandOf(pid)
  if (command.includes(' instance ')) return 'instance'
  if (!command.includes(program)) return 'watchdog'
  return command.includes('--no-share') ? 'alone' : 'relay'
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
}

function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / 1e6
}

/** A child belongs to the thread that started it. */
function descendantsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number))
    .flatMap((child) => [child, ...descendantsOf(child)])
}
