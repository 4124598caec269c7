import type { ProjectionOptions } from '../projections.ts'
import { boundsOf, createNames, double, type Leaf, type Leaves } from './leaves.ts'
import type { Routing } from './semantic-router-file.ts'

export interface CarriedProjections {
  readonly projections: Readonly<Record<string, ProjectionOptions>>
  /** The leaves with what projections add: those of type `projection`, and members of groups of which one alone holds. */
  readonly of: Leaves['of']
}

/** Scores, their bands, and groups of signals of which at most one holds. `report` takes what is left out, a sentence each. */
export function convertProjections({ projections }: Routing, leaves: Leaves, report: (sentence: string) => void): CarriedProjections {
  const nameOf = createNames(40)
  const made: Record<string, ProjectionOptions> = {}
  const byOutput = new Map<string, Leaf>()
  const groupOf = new Map<string, { group: string; member: string }>()

  for (const { name, members, temperature, default: fallback } of projections.partitions) {
    const values = members.flatMap((member) => {
      const leaf = leaves.of('embedding', member)
      return 'missing' in leaf || leaf.confidence === undefined ? [] : [{ member, label: labelOf(member), value: leaf.confidence }]
    })
    if (values.length < 2) {
      report(`partition ${name}: fewer than two of its members are embeddings that could be carried over`)
      continue
    }
    const group = nameOf(name)
    const chosen = values.find(({ member }) => member === fallback) ?? values[0]
    made[group] = {
      kind: 'exclusive',
      members: Object.fromEntries(values.map(({ label, value }) => [label, value])),
      default: chosen?.label ?? '',
      temperature: temperature ?? 0.1,
      at_least: 0,
    }
    for (const { member, label } of values) groupOf.set(member, { group, member: label })
  }

  const of: Leaves['of'] = (type, name) => {
    if (type === 'projection') return byOutput.get(name) ?? { missing: 'the projection was not carried over' }
    const leaf = leaves.of(type, name)
    const group = type === 'embedding' ? groupOf.get(name) : undefined
    if ('missing' in leaf || group === undefined) return leaf
    return { ...leaf, when: `${leaf.when} && projections.${group.group} == ${JSON.stringify(group.member)}` }
  }

  for (const { name, inputs } of projections.scores) {
    const terms = inputs.flatMap((input) => {
      // What a score looks at are signals: another projection cannot be asked there.
      const leaf = input.name === undefined ? { missing: 'it names a measure, no signal' } : leaves.of(input.type, input.name)
      if ('missing' in leaf) {
        report(`score ${name}: without ${input.type} ${input.name ?? ''} (${leaf.missing})`)
        return []
      }
      if (groupOf.has(input.name ?? '')) report(`score ${name}: ${input.name} counts also where another of its partition is worth more`)
      const isGraded = leaf.confidence !== undefined && input.value_source !== undefined && input.value_source !== 'binary'
      return [{ value: isGraded ? `${leaf.when} ? ${leaf.confidence} : 0.0` : leaf.when, weight: input.weight }]
    })
    const fitting = terms.filter(({ value }) => value.length <= 1000)
    if (fitting.length < terms.length)
      report(`score ${name}: without ${terms.length - fitting.length} inputs whose conditions are too long`)
    if (fitting.length === 0) report(`score ${name}: none of its inputs could be carried over`)
    else made[nameOf(name)] = { kind: 'score', of: fitting }
  }

  for (const { name, source, outputs, ...rest } of projections.mappings) {
    const score = nameOf(source)
    if (made[score]?.kind !== 'score') {
      report(`mapping ${name}: its score ${source} was not carried over`)
      continue
    }
    if (rest['calibration'] !== undefined) report(`mapping ${name}: without its calibration, which moves no band`)
    const bands = outputs.every(({ gte, gt, lte }) => gt === undefined && lte === undefined && gte !== undefined)
    const ascending = outputs.toSorted((left, right) => (left.gte ?? 0) - (right.gte ?? 0))
    const isChain = bands && ascending.every(({ lt }, index) => lt === ascending[index + 1]?.gte)
    const band = nameOf(name)
    if (isChain)
      made[band] = { kind: 'bands', of: score, bands: Object.fromEntries(outputs.map((one) => [labelOf(one.name), one.gte ?? 0])) }
    for (const output of outputs) {
      const bounds = boundsOf(`projections.${score}`, output)
      const when = isChain ? `projections.${band} == ${JSON.stringify(labelOf(output.name))}` : bounds.join(' && ')
      byOutput.set(output.name, when === '' ? { when: `projections.${score} >= ${double(0)}` } : { when })
    }
  }
  return { projections: made, of }
}

function labelOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .slice(0, 39)
  return /^[a-z]/.test(plain) ? plain : `l_${plain}`.slice(0, 39)
}
