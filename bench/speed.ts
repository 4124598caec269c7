import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureCallTool } from './speed/call-tool.ts'
import { measureDefinitions } from './speed/definitions.ts'
import type { Figure, Measurement } from './speed/figure.ts'
import { measureFindTools } from './speed/find-tools.ts'
import { measureIndexing } from './speed/indexing.ts'
import { measureMemory } from './speed/memory.ts'
import { measureResident } from './speed/resident.ts'
import { measureScale } from './speed/scale.ts'
import { measureSignals } from './speed/signals.ts'
import { measureStart } from './speed/start.ts'
import { tableOf, verdictOf } from './speed/table.ts'
import { measureTelemetry } from './speed/telemetry.ts'

/*
 * Speed and size of the built program beside their targets: medians of several rounds. `--only=start,resident` measures some of
 * it, `--rounds=3` in fewer rounds, `--json` prints data. Nothing else should run on the machine meanwhile.
 */
const measurements: Record<string, Measurement> = {
  start: measureStart,
  'find-tools': measureFindTools,
  'call-tool': measureCallTool,
  indexing: measureIndexing,
  memory: measureMemory,
  definitions: measureDefinitions,
  resident: measureResident,
  scale: measureScale,
  telemetry: measureTelemetry,
  signals: measureSignals,
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: Object.keys(measurements).join(',') },
  },
})
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`--rounds must be an integer >= 1, received "${values.rounds}"`)
const names = values.only.split(',')
const unknown = names.find((name) => !(name in measurements))
if (unknown !== undefined) throw new RangeError(`--only must name some of ${Object.keys(measurements).join(', ')}, received "${unknown}"`)

const loads = [loadavg()[0] ?? 0]
const figures: Figure[] = []
for (const name of names) {
  figures.push(...((await measurements[name]?.({ rounds, progress: (text) => process.stderr.write(`${text}\n`) })) ?? []))
  loads.push(loadavg()[0] ?? 0)
}

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, ${process.platform}`
if (values.json) {
  const told = figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) }))
  process.stdout.write(`${JSON.stringify({ machine, rounds, loads, figures: told }, null, 2)}\n`)
} else {
  process.stdout.write(`${tableOf(figures)}\n\nMedians of ${rounds} rounds on ${machine}.\n`)
  process.stdout.write(`Load of one minute, before and after each part: ${loads.map((load) => load.toFixed(1)).join(', ')}\n`)
}
