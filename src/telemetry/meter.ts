import type { Metric } from './metric.ts'

type LabelsOf<M> = M extends Metric<infer Label> ? Readonly<Record<Label, string>> : never

/** A value at the moment of asking. */
export interface Sample {
  readonly metric: Metric<string>
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Counts what happens in this process. It costs less than a microsecond a time, so it is always on. */
export interface Meter {
  /** Of a counter. */
  add<M extends Metric<string>>(metric: M, labels: LabelsOf<M>, value?: number): void
  /** Of a histogram. */
  observe<M extends Metric<string>>(metric: M, labels: LabelsOf<M>, value: number): void
  /** The Prometheus text format (0.0.4): what was counted, and what is so now. Metrics for the owner alone are left out for others. */
  write(now: readonly Sample[], options: { isOwner: boolean }): string
}

interface Series {
  value: number
  /** Of a histogram: how many fell in each bucket, the last one without an upper bound. */
  readonly buckets: number[] | undefined
  count: number
}

/** Labels are names of the configuration or words of ours. Should that fail one day, what is too much is counted together. */
const mostSeries = 500
const tooMany = 'other'

export function createMeter(): Meter {
  const metrics = new Map<Metric<string>, Map<string, Series>>()

  function seriesOf(metric: Metric<string>, labels: Readonly<Record<string, string>>): Series {
    let all = metrics.get(metric)
    if (all === undefined) {
      all = new Map()
      metrics.set(metric, all)
    }
    const key = written(metric, labels)
    const known = all.get(key)
    if (known !== undefined) return known
    if (all.size >= mostSeries) {
      const other = Object.fromEntries(metric.labels.map((label) => [label, tooMany]))
      const rest = all.get(written(metric, other))
      if (rest !== undefined) return rest
      return addTo(all, metric, written(metric, other))
    }
    return addTo(all, metric, key)
  }

  return {
    add(metric, labels, value = 1) {
      seriesOf(metric, labels).value += value
    },

    observe(metric, labels, value) {
      const series = seriesOf(metric, labels)
      const { buckets = [] } = metric
      let index = 0
      while (index < buckets.length && value > (buckets[index] ?? 0)) index += 1
      if (series.buckets !== undefined) series.buckets[index] = (series.buckets[index] ?? 0) + 1
      series.value += value
      series.count += 1
    },

    write(now, { isOwner }) {
      const asked = new Map<Metric<string>, Map<string, Series>>()
      for (const { metric, labels, value } of now) {
        const all = asked.get(metric) ?? new Map<string, Series>()
        asked.set(metric, all)
        all.set(written(metric, labels), { value, buckets: undefined, count: 0 })
      }
      const shown = [...metrics, ...asked].filter(([metric]) => isOwner || metric.owner !== true)
      const sorted = shown.toSorted(([left], [right]) => (left.name < right.name ? -1 : 1))
      return `${sorted.flatMap(([metric, all]) => family(metric, all)).join('\n')}\n`
    },
  }
}

function addTo(all: Map<string, Series>, { buckets }: Metric<string>, key: string): Series {
  const made: Series = { value: 0, buckets: buckets && [...buckets.map(() => 0), 0], count: 0 }
  all.set(key, made)
  return made
}

function family(metric: Metric<string>, all: ReadonlyMap<string, Series>): string[] {
  const { name, type, help } = metric
  const lines = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`]
  for (const [labels, series] of all) {
    if (series.buckets === undefined) lines.push(line(name, labels, series.value))
    else lines.push(...histogram(metric, labels, series))
  }
  return lines
}

function histogram({ name, buckets = [] }: Metric<string>, labels: string, series: Series): string[] {
  let below = 0
  const bounds = [...buckets.map(String), '+Inf']
  const counted = bounds.map((bound, index) => {
    below += series.buckets?.[index] ?? 0
    return line(`${name}_bucket`, `${labels === '' ? '' : `${labels},`}le="${bound}"`, below)
  })
  return [...counted, line(`${name}_sum`, labels, series.value), line(`${name}_count`, labels, series.count)]
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}`
}

/** Each label of the metric in its order; one that says nothing is left out, as an empty one means the same. */
function written({ labels: names }: Metric<string>, labels: Readonly<Record<string, string>>): string {
  let text = ''
  for (const name of names) {
    const value = labels[name]
    if (value === undefined || value === '') continue
    text += `${text === '' ? '' : ','}${name}="${needsEscape.test(value) ? escaped(value) : value}"`
  }
  return text
}

const needsEscape = /["\\\n]/

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
