import { type Family, families } from './families.ts'
import { type Concealed, type Normalised, normalise, type Span } from './normalise.ts'

export interface InjectionFinding extends Span {
  readonly family: Family['name']
  /** 0 to 1: how much it says by itself. */
  readonly weight: number
  /** Where a person would not read it, if it stood there. */
  readonly concealed?: Concealed['kind'] | undefined
}

export interface InjectionScan {
  /** 0 to 1: suspicion, never proof, and 0 is no proof of innocence. */
  readonly score: number
  readonly findings: readonly InjectionFinding[]
  /** Whether a part was not read: of that part nothing is known. */
  readonly truncated: boolean
}

const mostFindings = 100

/**
 * Phrases by which a text gives orders to the model that reads it.
 *
 * It knows wordings, not meanings: a paraphrase that none of the families has passes, and so does a language other than English but for
 * the commonest orders. A text about injections is found like one that has them. One finding of each family counts;
 * what stands in a comment, in tag characters or in Base64 weighs more, because no honest order is hidden.
 *
 * @param among What is looked for: a screen has other orders than the definition of a tool.
 */
export function findInjection(text: string, normalised: Normalised = normalise(text), among: readonly Family[] = families): InjectionScan {
  const findings: InjectionFinding[] = []
  for (const found of phrasesIn(normalised.text, among)) findings.push({ ...found, ...normalised.toOriginal(found) })
  let truncated = normalised.truncated
  for (const { kind, text: inner, start, end } of normalised.concealed) {
    const within = normalise(inner)
    truncated ||= within.truncated
    for (const { family, weight } of phrasesIn(within.text, among))
      findings.push({ family, weight: Math.min(1, weight + 0.3), concealed: kind, start, end })
  }
  findings.sort((a, b) => a.start - b.start || b.end - a.end)
  return { score: scoreOf(findings), findings: distinct(findings).slice(0, mostFindings), truncated }
}

/** One finding where several wordings of a family meet. */
function distinct(findings: readonly InjectionFinding[]): InjectionFinding[] {
  const ends = new Map<string, number>()
  return findings.filter(({ family, start, end }) => {
    const isNew = start >= (ends.get(family) ?? 0)
    if (isNew) ends.set(family, end)
    return isNew
  })
}

/** What is left of innocence after each family has been counted once, by its heaviest finding. */
export function scoreOf(findings: readonly { readonly family: string; readonly weight: number }[]): number {
  const heaviest = new Map<string, number>()
  for (const { family, weight } of findings) heaviest.set(family, Math.max(weight, heaviest.get(family) ?? 0))
  return 1 - [...heaviest.values()].reduce((innocence, weight) => innocence * (1 - weight), 1)
}

function* phrasesIn(text: string, among: readonly Family[]): Generator<{ family: Family['name']; weight: number } & Span> {
  for (const { name, weight, patterns } of among) {
    let count = 0
    for (const pattern of patterns) {
      for (const { index, 0: found } of text.matchAll(pattern)) {
        yield { family: name, weight, start: index, end: index + found.length }
        count += 1
        // One is enough to be suspicious; a few more help a person to see where.
        if (count === 10) break
      }
      if (count === 10) break
    }
  }
}
