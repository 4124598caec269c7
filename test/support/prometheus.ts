/** One sample of the Prometheus text format. */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly ParsedSample[]
}

/**
 * Reads the text format by its own rules, and takes nothing that Prometheus would not: each family once, with help and type before its
 * samples, all of them together; no series twice; histograms that add up.
 *
 * @throws {SyntaxError} With the line.
 */
export function parsePrometheus(text: string): ParsedFamily[] {
  if (!text.endsWith('\n')) throw new SyntaxError('The last line must end with a line feed')
  const families: { name: string; type: string; help: string; samples: ParsedSample[] }[] = []
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new SyntaxError(`${why}: ${line}`)
    }
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (help !== null) {
      if (families.some(({ name }) => name === help[1])) fail('The family was there before')
      families.push({ name: help[1] ?? '', help: help[2] ?? '', type: '', samples: [] })
      continue
    }
    const family = families.at(-1) ?? fail('A sample before any family')
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (type !== null) {
      if (type[1] !== family.name || family.type !== '') fail('A type of another family')
      family.type = type[2] ?? ''
      continue
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? fail('No sample')
    const [, name = '', labels = '', value = ''] = sample
    const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    if (!suffixes.some((suffix) => name === family.name + suffix)) fail(`No sample of ${family.name}`)
    if (family.type === '') fail('A sample before its type')
    if (!/^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?Inf|NaN)$/i.test(value)) fail('No number')
    const parsed = { name, labels: labelsOf(labels, fail), value: Number(value) }
    const series = JSON.stringify([name, Object.entries(parsed.labels).toSorted()])
    if (seen.has(series)) fail('The series was there before')
    seen.add(series)
    family.samples.push(parsed)
  }
  for (const family of families) if (family.type === 'histogram') checkHistogram(family)
  return families
}

function labelsOf(text: string, fail: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {}
  const one = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y
  while (one.lastIndex < text.length) {
    const [, name = '', value = ''] = one.exec(text) ?? fail('Labels that cannot be read')
    if (Object.hasOwn(labels, name)) fail('A label twice')
    labels[name] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
  }
  return labels
}

function checkHistogram({ name, samples }: ParsedFamily): void {
  const keyOf = ({ labels: { le: _, ...rest } }: ParsedSample) => JSON.stringify(rest)
  for (const [key, all] of Map.groupBy(samples, keyOf)) {
    const buckets = all.filter((one) => one.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('+Inf', 'Infinity')))
    const count = all.find((one) => one.name === `${name}_count`)?.value
    const rises = buckets.every(({ value }, index) => value >= (buckets[index - 1]?.value ?? 0))
    const ascends = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0))
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count
    const hasSum = all.some((one) => one.name === `${name}_sum`)
    if (!rises || !ascends || !isWhole || !hasSum) throw new SyntaxError(`A histogram that does not add up: ${name} ${key}`)
  }
}
