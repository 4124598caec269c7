import type { LiveFacts, Signal } from '../../signals/signal.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { blankStep } from './blank-step.ts'

/** What keyword signals say of a text: they are asked themselves. */
export function keywordVocabulary(
  signals: readonly Signal[],
  wordsOf: (signal: string) => readonly string[],
): Pick<Vocabulary, 'hasKeyword' | 'keywordImplies' | 'keywordsOf'> {
  const byName = new Map(signals.map((signal) => [signal.name, signal]))
  const hasKeyword = (name: string, text: string) => {
    const result = byName.get(name)?.read({ ...blankStep, text }, { live: nothingLive })
    return result !== undefined && 'value' in result && result.value === true
  }
  return {
    hasKeyword,
    keywordsOf: wordsOf,
    // A word that holds another one's words whole, such as "root cause" of "cause", finds both.
    keywordImplies: (signal, other) => wordsOf(signal).every((word) => hasKeyword(other, word)),
  }
}

const nothingLive: LiveFacts = {
  now: 0,
  budget: { usdPerDay: undefined, spentTodayUsd: undefined },
  pools: [],
  state: () => undefined,
}
