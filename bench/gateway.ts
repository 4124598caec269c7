import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { ways as allWays, parts as formats, measureRounds, type Part } from './gateway/rounds.ts'
import { measureSessions } from './gateway/sessions.ts'
import { measureSlowStreams } from './gateway/slow-streams.ts'
import { type Row, tableOf, verdictOf } from './gateway/table.ts'

/*
 * The wire formats of OpenAI and Anthropic through Signalbox, beside other gateways on the same fake upstream. `--only=chat,memory` measures
 * some of it, `--ways=direct,signalbox` some of the ways, `--rounds=3`, `--effort=0.3`, `--requests=10000` and `--minutes=1` take less time,
 * `--json` prints data. Peers are installed on first use (`SIGNALBOX_BENCH_PEERS` names the folder). Nothing else should run on the machine
 * meanwhile.
 */
const parts = [...Object.keys(formats), 'memory', 'slow-streams']
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    effort: { type: 'string', default: '1' },
    only: { type: 'string', default: parts.join(',') },
    ways: { type: 'string', default: Object.keys(allWays).join(',') },
    requests: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '5' },
  },
})
const rounds = numberOf('rounds', values.rounds)
const effort = numberOf('effort', values.effort)
const only = namesOf('only', values.only, parts)
const ways = namesOf('ways', values.ways, Object.keys(allWays))
const progress = (text: string) => process.stderr.write(`${text}\n`)

const loads = [loadavg()[0] ?? 0]
const rows: Row[] = []
const seen = new Set<string>()
for (const part of Object.keys(formats) as Part[]) {
  if (!only.includes(part)) continue
  const measured = await measureRounds({ part, rounds, effort, ways, progress })
  rows.push(...measured.rows)
  for (const way of measured.ways) seen.add(way)
  loads.push(loadavg()[0] ?? 0)
}

if (only.includes('memory')) rows.push(...(await measureSessions({ requests: numberOf('requests', values.requests), progress })))
if (only.includes('slow-streams')) rows.push(...(await measureSlowStreams({ minutes: numberOf('minutes', values.minutes), progress })))
loads.push(loadavg()[0] ?? 0)

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, ${process.platform}`
if (values.json) {
  const told = rows.map((row) => ({ ...row, rounds: Object.fromEntries(row.rounds), verdict: verdictOf(row) }))
  process.stdout.write(`${JSON.stringify({ machine, rounds, effort, loads, rows: told }, null, 2)}\n`)
} else {
  process.stdout.write(`${tableOf(rows, seen.size > 0 ? [...seen] : ['signalbox'])}\n\nOn ${machine}.`)
  process.stdout.write(seen.size > 0 ? ` Medians of ${rounds} rounds; in brackets the least and the most of them.\n` : '\n')
  process.stdout.write(`Load of one minute, before and after each part: ${loads.map((load) => load.toFixed(1)).join(', ')}\n`)
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, received "${text}"`)
  return value
}

function namesOf(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new RangeError(`--${option} must name some of ${known.join(', ')}, received "${unknown}"`)
  return names
}
