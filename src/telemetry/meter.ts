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
  /** As they stand between braces. */
  readonly labels: string
  value: number
  /** Of a histogram: how many fell in each bucket, the last one without an upper bound. */
  readonly buckets: number[] | undefined
  count: number
}

/** Labels are names of the configuration or words of ours. Should that fail one day, what is too much is counted together. */
const mostSeries = 500
const tooMany = 'other'

/** By the value of the first label, then of the next: looked up without putting anything together. */
type Branch = Map<string, Branch | Series>

interface Counted {
  readonly branch: Branch
  readonly series: Series[]
}

export function createMeter(): Meter {
  const metrics = new Map<Metric<string>, Counted>()

  function countedOf(metric: Metric<string>): Counted {
    const known = metrics.get(metric)
    if (known !== undefined) return known
    const made: Counted = { branch: new Map(), series: [] }
    metrics.set(metric, made)
    return made
  }

  function seriesOf(metric: Metric<string>, labels: Readonly<Record<string, string>>): Series {
    const { branch, series } = countedOf(metric)
    const known = find(branch, metric, labels)
    if (known !== undefined) return known
    if (series.length < mostSeries) return put(metric, labels)
    const other = Object.fromEntries(metric.labels.map((label) => [label, tooMany]))
    return find(branch, metric, other) ?? put(metric, other)
  }

  function put(metric: Metric<string>, labels: Readonly<Record<string, string>>): Series {
    const { branch, series } = countedOf(metric)
    const made = createSeries(metric, labels)
    series.push(made)
    let here = branch
    const last = metric.labels.length - 1
    for (const [index, label] of metric.labels.entries()) {
      const value = labels[label] ?? ''
      if (index === last) here.set(value, made)
      else {
        const next = (here.get(value) as Branch | undefined) ?? new Map<string, Branch | Series>()
        here.set(value, next)
        here = next
      }
    }
    if (last === -1) here.set('', made)
    return made
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
      const asked = Map.groupBy(now, ({ metric }) => metric)
      const counted = [...metrics].map(([metric, { series }]) => [metric, series] as const)
      const read = [...asked].map(([metric, all]) => [metric, all.map(({ labels, value }) => createSeries(metric, labels, value))] as const)
      const shown = [...counted, ...read].filter(([metric]) => isOwner || metric.owner !== true)
      const sorted = shown.toSorted(([left], [right]) => (left.name < right.name ? -1 : 1))
      return `${sorted.flatMap(([metric, all]) => family(metric, all)).join('\n')}\n`
    },
  }
}

function find(branch: Branch, { labels: names }: Metric<string>, labels: Readonly<Record<string, string>>): Series | undefined {
  let here: Branch | Series | undefined = branch
  for (const name of names) here = (here as Branch | undefined)?.get(labels[name] ?? '')
  return names.length === 0 ? (branch.get('') as Series | undefined) : (here as Series | undefined)
}

function createSeries(metric: Metric<string>, labels: Readonly<Record<string, string>>, value = 0): Series {
  const { buckets } = metric
  return { labels: written(metric, labels), value, buckets: buckets && [...buckets.map(() => 0), 0], count: 0 }
}

function family(metric: Metric<string>, all: readonly Series[]): string[] {
  const { name, type, help } = metric
  const lines = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`]
  for (const series of all) {
    if (series.buckets === undefined) lines.push(line(name, series.labels, series.value))
    else lines.push(...histogram(metric, series))
  }
  return lines
}

function histogram({ name, buckets = [] }: Metric<string>, series: Series): string[] {
  const { labels } = series
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
