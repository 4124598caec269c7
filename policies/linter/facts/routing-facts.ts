import type { Policy } from '../../policy.ts'
import type { Signal } from '../../signals/signal.ts'
import { always, atom, compare, type Formula, flag, implies, not, textIs } from '../formula.ts'
import { createTranslator, type NotAnalysed, type Translator } from '../translate/condition.ts'
import { constantValue, flagValue, numberValue, type Present, present, textValue, truth, type Value } from '../translate/value.ts'
import type { NumberFact, TextFact, Vocabulary } from '../vocabulary.ts'
import { keywordVocabulary } from './keywords.ts'
import { type ProjectionFacts, projectionFacts } from './projection-facts.ts'
import { type SignalFacts, signalFacts } from './signal-facts.ts'
import { stepFlags, stepLaws, stepNumbers, stepTexts } from './step-facts.ts'

/** All that conditions of one policy can look at, and what is known of it. */
export interface RoutingFacts {
  readonly vocabulary: Vocabulary
  readonly laws: readonly Formula[]
  readonly translator: Translator
  readonly projections: ReadonlyMap<string, ProjectionFacts>
  /** Filled while conditions are translated. */
  readonly notAnalysed: NotAnalysed[]
  readonly signals: readonly SignalPlace[]
  /** Those that some condition asked for. */
  readonly roles: ReadonlySet<string>
  readonly metadata: ReadonlySet<string>
}

export interface SignalPlace {
  readonly signal: Signal
  readonly facts: SignalFacts
  /** The fact that stands for its value. */
  readonly name: string
}

const unit: NumberFact = { integer: false, least: 0, most: 1, usual: 0.8 }

/** Flags that are true where a fact is missing, so that what is usual is false. */
export function notComputed(signal: string): string {
  return `signals.${signal} was not computed`
}
export function hasMetadata(key: string): string {
  return `has(step.metadata[${JSON.stringify(key)}])`
}
export function hasRole(role: string): string {
  return `${JSON.stringify(role)} in step.roles`
}
export function metadataText(key: string): string {
  return `step.metadata[${JSON.stringify(key)}]`
}

export function createRoutingFacts(policy: Policy): RoutingFacts {
  const numbers = new Map<string, NumberFact>(stepNumbers)
  const texts = new Map<string, TextFact>(stepTexts)
  const laws: Formula[] = [...stepLaws]
  const roles = new Set<string>()
  const metadata = new Set<string>()
  const notAnalysed: NotAnalysed[] = []
  const projections = new Map<string, ProjectionFacts>()

  const signals = policy.signals.map((signal): SignalPlace => {
    const options = policy.file.signals[signal.name]
    const facts = options === undefined ? {} : signalFacts(options)
    return { signal, facts, name: facts.repeats ?? `signals.${signal.name}` }
  })
  const byName = new Map(signals.map((place) => [place.signal.name, place]))
  for (const { signal, facts, name } of signals) {
    if (facts.repeats === undefined && signal.type === 'string') texts.set(name, textFactOf(signal))
    if (facts.confidence === undefined) numbers.set(`confidence.${signal.name}`, unit)
    if (facts.leastConfidence === undefined) continue
    const sure = compare({ terms: new Map([[`confidence.${signal.name}`, 1]]), constant: -facts.leastConfidence }, '>=')
    for (const value of signal.values ?? []) if (value !== '') laws.push(implies(textIs(name, value), sure))
  }

  function resolve(path: readonly string[]): Present | undefined {
    const [root, key, entry] = path
    const name = path.slice(0, 2).join('.')
    if (key === undefined || path.length > 3) return undefined
    if (root === 'step' && key === 'metadata')
      return entry === undefined ? present({ kind: 'entries', entry: metadataOf }) : metadataOf(entry)
    if (entry !== undefined) return undefined
    if (root === 'step' && key === 'roles') return present({ kind: 'names', has: roleOf })
    if (numbers.has(name) && root === 'step') return present(numberValue(name))
    if (texts.has(name) && root === 'step') return present(textValue(name, texts.get(name)?.values))
    if ((stepFlags as readonly string[]).includes(name)) return present(flagValue(name))
    if (root === 'signals' || root === 'confidence') return signalAt(root, key)
    return root === 'projections' ? projections.get(key)?.place : undefined
  }

  function signalAt(root: 'signals' | 'confidence', key: string): Present | undefined {
    const place = byName.get(key)
    if (place === undefined) return undefined
    const { signal, facts } = place
    const mayFail = signal.cost === 'embed' || signal.cost === 'wait' || facts.mayFail === true
    const value =
      root === 'signals'
        ? signalValue(place)
        : facts.confidence === undefined
          ? numberValue(`confidence.${key}`)
          : constantValue(facts.confidence)
    return { reached: always, present: mayFail ? not(flag(notComputed(key))) : always, value }
  }

  function signalValue({ signal, facts, name }: SignalPlace): Value {
    if (facts.words !== undefined) return truth(atom({ kind: 'text', text: 'step.text', test: { kind: 'keyword', signal: signal.name } }))
    if (signal.type === 'double') return numberValue(name)
    return signal.type === 'bool' ? flagValue(name) : textValue(name, texts.get(name)?.values)
  }

  function metadataOf(key: string): Present {
    metadata.add(key)
    return { reached: always, present: flag(hasMetadata(key)), value: textValue(metadataText(key)) }
  }

  function roleOf(role: string): Formula {
    roles.add(role)
    return flag(hasRole(role))
  }

  const translator = createTranslator(resolve, (one) => notAnalysed.push(one))
  for (const { name, options } of policy.projections) {
    const facts = projectionFacts(name, options, translator, projections)
    projections.set(name, facts)
    laws.push(...facts.laws)
    if (facts.values !== undefined) texts.set(`projections.${name}`, { values: facts.values, usual: facts.values[0] ?? '' })
  }
  const keywords = keywordVocabulary(policy.signals, (signal) => byName.get(signal)?.facts.words ?? [])
  return { vocabulary: { numbers, texts, ...keywords }, laws, translator, projections, notAnalysed, signals, roles, metadata }
}

function textFactOf({ values }: Signal): TextFact {
  return { values, usual: values?.[0] ?? '' }
}
