import type { Message } from '../../models/message.ts'
import { createStep, readSignals, type Signal } from '../../policies/index.ts'
import type { LabelledText } from './labelled-texts.ts'
import { abstentionOf, shareOf, type Times, type ToldApart, timesOf, toldApart } from './measures.ts'

export interface SignalEvaluation {
  readonly texts: number
  /** Those whose label the signal can give. */
  readonly inScope: number
  /** Of the texts in scope: the right label, no label, and the right one among those that got one. */
  readonly accuracy: number
  readonly abstained: number
  readonly accuracyWhereNamed: number
  /** The baseline: the share of the label that most texts in scope have. */
  readonly mostFrequent: number
  /** Of the texts whose label it cannot give: those that got none, and how well the confidence tells both kinds apart. */
  readonly outOfScope: { readonly texts: number; readonly abstained: number; readonly auc: number | undefined } | undefined
  readonly labels: readonly {
    readonly label: string
    readonly texts: number
    readonly recall: number
    readonly precision: number | undefined
  }[]
  /** Of a signal that is true or false: how well its score tells both apart. */
  readonly apart: ToldApart | undefined
  readonly ms: Times
}

/**
 * Reads a signal over labelled texts, each as a person's turn.
 *
 * @throws {Error} With the signal's own words, at the first text that it cannot read.
 */
export async function evaluateSignal(
  signal: Signal,
  rows: readonly LabelledText[],
  { abort, onProgress }: { abort?: AbortSignal | undefined; onProgress?: ((done: number) => void) | undefined } = {},
): Promise<SignalEvaluation> {
  const read: { label: string; told: string; confidence: number; ms: number }[] = []
  for (const { text, label, answer } of rows) {
    const { readings, failures } = await readSignals([signal], stepOf(text, answer), { signal: abort, live: atRest })
    const [reading] = readings
    if (reading === undefined) throw new Error(`The signal "${signal.name}" could not be read: ${failures[0]?.error ?? 'no reading'}`)
    read.push({ label, told: String(reading.value), confidence: reading.confidence, ms: reading.ms })
    onProgress?.(read.length)
  }
  const known = new Set(signal.values ?? [...new Set(read.map(({ told }) => told))])
  const inScope = read.filter(({ label }) => known.has(label))
  const strange = read.filter(({ label }) => !known.has(label))
  const named = inScope.filter(({ told }) => told !== '')
  const isRight = ({ label, told }: (typeof read)[number]) => label === told
  const answers = read.map(({ label, told, confidence }) => ({ gold: known.has(label) ? [label] : [], names: [told], confidence }))
  const counts = [...Map.groupBy(inScope, ({ label }) => label)].map(([label, ones]) => ({ label, ones }))
  const scores = read.map(({ label, told, confidence }) => ({
    isPositive: label === 'true',
    score: told === 'true' ? confidence : 1 - confidence,
  }))
  return {
    texts: read.length,
    inScope: inScope.length,
    accuracy: shareOf(inScope, isRight),
    abstained: shareOf(inScope, ({ told }) => told === ''),
    accuracyWhereNamed: shareOf(named, isRight),
    mostFrequent: Math.max(0, ...counts.map(({ ones }) => ones.length)) / Math.max(1, inScope.length),
    outOfScope:
      strange.length === 0
        ? undefined
        : { texts: strange.length, abstained: shareOf(strange, ({ told }) => told === ''), auc: abstentionOf(answers)?.auc },
    labels: counts
      .map(({ label, ones }) => {
        const told = read.filter((one) => one.told === label)
        return {
          label,
          texts: ones.length,
          recall: shareOf(ones, isRight),
          precision: told.length === 0 ? undefined : shareOf(told, isRight),
        }
      })
      .toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    apart: signal.type === 'bool' ? toldApart(scores) : undefined,
    ms: timesOf(read.map(({ ms }) => ms)),
  }
}

/** What signals that look past the step see: nothing. */
const atRest = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }

function stepOf(text: string, answer: string | undefined) {
  const said = (role: 'user' | 'assistant', words: string): Message => ({ role, content: [{ type: 'text', text: words }] })
  const before = answer === undefined ? [] : [said('user', '…'), said('assistant', answer)]
  return createStep({ messages: [...before, said('user', text)], inputTokens: 0, maxOutputTokens: 1, principal: 'local' })
}
