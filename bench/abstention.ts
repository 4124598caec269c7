import { createMiniLM } from '../models/local/index.ts'
import { toolNeeds, writtenTools } from '../test/support/search/needs.ts'
import { clausesOf } from '../tools/search/clauses.ts'
import { termsOf } from '../tools/search/confidence.ts'
import {
  amongCandidates,
  answerable,
  type Case,
  createDuplicates,
  inProfile,
  nearDuplicateCosine,
  unanswerable,
} from './abstention/cases.ts'
import {
  bfclNeeds,
  bfclTools,
  hasData,
  liveMcpTools,
  metatoolNeeds,
  metatoolNoneApplies,
  metatoolTools,
  type Need,
} from './abstention/data.ts'
import { aucOf, type Example, falseOffersOf, fitLogistic, type Judged, logistic, reliabilityOf } from './abstention/figures.ts'
import { createSearched, type Searched, type Told, type Verdict } from './abstention/search.ts'
import { createPrepared, type PreparedEmbedder } from './learning/vectors.ts'
import { figure, shareOf } from './signals/figures.ts'
import { folder } from './tool-search/data.ts'
import { publishedTools } from './tool-search/published.ts'

/*
 * Measures how well `find_tools` knows that no tool fits. Constants come from the half whose SHA-1(id) begins with 0 to 7: `--fit`
 * prints them and asks of no other need. Without it, figures are of the other half.
 *
 * In a catalogue: the tools of MetaTool, BFCL and LiveMCPBench together. A need of MetaTool or BFCL is answerable before all of them, and
 * unanswerable once its right tools and their near-duplicates are taken away (`cases.ts` says what is one).
 */
const isFitting = process.argv.includes('--fit')
const keptShare = 0.9
const profileSizes = [5, 30, 200]

interface Group {
  readonly name: string
  /** Whether none_fits is calibrated on it. */
  readonly inCatalogue: boolean
  readonly isOwn: boolean
  readonly told: readonly Told[]
}

export async function benchAbstention(): Promise<void> {
  if (!hasData()) {
    console.log(`Abstention: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds metatool, bfcl and livemcpbench.`)
    return
  }
  const embedder = createPrepared(createMiniLM())
  try {
    const needs = { MetaTool: metatoolNeeds(), BFCL: bfclNeeds('queries') }
    const irrelevant = bfclNeeds('irrelevance')
    for (const [name, of] of Object.entries({ ...needs, none: metatoolNoneApplies(), irrelevant })) {
      const texts = of.map((need) => need.text)
      await embedder.prepare(`abstention-${name}`, texts)
      await embedder.prepare(`abstention-${name}-clauses`, texts.flatMap(clausesOf))
    }
    const catalogue = await inCatalogue(embedder, needs)
    const groups = [
      ...catalogue.groups,
      await group('MetaTool, among ten', embedder, metatoolTools(), metatoolNoneApplies().map(amongCandidates)),
      await group('BFCL, among its own', embedder, bfclTools(), [...needs.BFCL, ...irrelevant].map(amongCandidates)),
      await ownNeeds(embedder),
    ]
    if (isFitting) {
      printConstants(groups)
      return
    }
    printCatalogue(groups)
    printDuplicates(catalogue.sweep)
    printOthers(groups)
    printLeftOut(groups)
    printVerdicts(groups)
    printReliability(groups)
  } finally {
    await embedder.close()
  }
}

async function group(
  name: string,
  embedder: PreparedEmbedder,
  tools: Parameters<typeof createSearched>[1],
  cases: readonly Case[],
): Promise<Group> {
  const searched = await createSearched(embedder, tools)
  const told = await tellOf(searched, cases)
  searched.close()
  return { name, inCatalogue: false, isOwn: false, told }
}

async function tellOf(searched: Searched, cases: readonly Case[]): Promise<Told[]> {
  return await searched.tell(isFitting ? cases.filter((one) => one.tuned) : cases)
}

interface Sweep {
  readonly cosine: number
  readonly set: string
  readonly removed: number
  readonly told: readonly Told[]
}

async function inCatalogue(
  embedder: PreparedEmbedder,
  sets: Readonly<Record<string, readonly Need[]>>,
): Promise<{ groups: Group[]; sweep: Sweep[] }> {
  const tools = [...metatoolTools(), ...bfclTools(), ...liveMcpTools()]
  const searched = await createSearched(embedder, tools)
  const duplicates = createDuplicates(tools, searched.vectors)
  const groups: Group[] = []
  const sweep: Sweep[] = []
  for (const [set, needs] of Object.entries(sets)) {
    const fitting = await tellOf(searched, needs.map(answerable))
    for (const cosine of isFitting ? [nearDuplicateCosine] : [0.7, 0.6, 0.5]) {
      const isOurs = cosine === nearDuplicateCosine
      const cases = needs.map((need) => unanswerable(need, duplicates, cosine)).filter((one) => isOurs || !one.tuned)
      const counted = cases.filter((one) => !one.tuned)
      const removed = counted.reduce((sum, { without }) => sum + (without?.size ?? 0), 0) / counted.length
      const told = [...fitting, ...(await tellOf(searched, cases))]
      sweep.push({ cosine, set, removed, told: told.filter(({ asked }) => !asked.tuned) })
      if (isOurs) groups.push({ name: `${set}, ${tools.length} tools`, inCatalogue: true, isOwn: false, told })
    }
  }
  // Every sixth need is enough for the few tools.
  const some = Object.values(sets).flatMap((needs) => needs.filter((_, index) => index % 6 === 0))
  for (const size of profileSizes) {
    const cases = some.flatMap((need) => inProfile(need, size, tools, duplicates))
    groups.push({ name: `profile of ${size} tools`, inCatalogue: false, isOwn: false, told: await tellOf(searched, cases) })
  }
  searched.close()
  return { groups, sweep }
}

/** Over the tools of the published servers and those that were written for the tests. */
async function ownNeeds(embedder: PreparedEmbedder): Promise<Group> {
  const tools = [...(await publishedTools()), ...writtenTools()]
  const names = new Map(tools.map((tool) => [`${tool.server}/${tool.tool}`, tool.name]))
  const cases = toolNeeds().map(({ need, gold, part }) => ({
    id: need,
    text: need,
    gold: gold.flatMap((id) => names.get(id) ?? []),
    tuned: part === 'tune',
  }))
  return { ...(await group(`own needs, ${tools.length} tools`, embedder, tools, cases)), isOwn: true }
}

const signs: Readonly<Record<string, (told: Told) => number>> = {
  'top cosine': (told) => told.topCosine,
  BM25: (told) => told.lexical.facts.evidence,
  confidence: (told) => told.semantic.confidence,
  'by words': (told) => told.lexical.confidence,
}

const twoFacts = ({ topCosine, lexical }: Told) => [topCosine, Math.min(1, lexical.facts.evidence)]

/** The signs, and a logistic regression of cosine and shared words, fitted as ours is. */
function allSigns(groups: readonly Group[]): [string, (told: Told) => number][] {
  const weights = fitted(groups, twoFacts)
  const { confidence, 'by words': words, ...baselines } = signs
  const sum = (told: Told) => sumOf(weights, twoFacts(told))
  return Object.entries({ ...baselines, logistic: sum, confidence, 'by words': words }) as [string, (told: Told) => number][]
}

function fitted(groups: readonly Group[], valuesOf: (told: Told) => readonly number[]): number[] {
  return fitLogistic(
    groups.flatMap(({ told }) => {
      const tuned = tunedOf(told)
      const fitting = tuned.filter(({ fits }) => fits).length
      return tuned.map((one): Example => {
        const weight = one.fits ? 1 / fitting : 1 / (tuned.length - fitting)
        return { fits: one.fits, weight, values: valuesOf(one) }
      })
    }),
  )
}

function printConstants(groups: readonly Group[]): void {
  console.log('Constants for tools/search/confidence.ts\n')
  for (const by of ['semantic', 'lexical'] as const) {
    const weights = fitted(groups, (told) => termsOf(told[by].facts)).map((weight) => Number(weight.toFixed(3)))
    const bias = weights.pop() as number
    const bound = (of: readonly Group[]) =>
      keeping(of.map(({ told }) => judged(tunedOf(told), (one) => logistic(bias + sumOf(weights, termsOf(one[by].facts)))))).toFixed(3)
    const catalogue = bound(groups.filter(({ inCatalogue }) => inCatalogue))
    const own = bound(groups.filter(({ isOwn }) => isOwn))
    console.log(`${by}: { bias: ${bias}, weights: [${weights.join(', ')}] }, none below ${catalogue} (catalogue) or ${own} (own needs)`)
  }
}

/** The highest value that keeps nine tenths of the answerable needs, each set weighing the same. */
function keeping(sets: readonly (readonly Judged[])[]): number {
  const values = sets.flatMap((judged) => judged.filter(({ fits }) => fits).map(({ value }) => value)).toSorted((a, b) => b - a)
  const kept = (threshold: number) =>
    sets.reduce((sum, judged) => {
      const fitting = judged.filter(({ fits }) => fits)
      return sum + shareOf(fitting, ({ value }) => value >= threshold) / sets.length
    }, 0)
  return values.find((value) => kept(value) >= keptShare) ?? 0
}

function sumOf(weights: readonly number[], values: readonly number[]): number {
  return values.reduce((sum, value, index) => sum + value * (weights[index] as number), 0)
}

function tunedOf(told: readonly Told[]): readonly Told[] {
  return told.filter(({ asked }) => asked.tuned)
}

function reported(told: readonly Told[]): readonly Told[] {
  return told.filter(({ asked }) => !asked.tuned)
}

function judged(told: readonly Told[], signOf: (told: Told) => number): Judged[] {
  return told.map((one) => ({ fits: one.fits, value: signOf(one) }))
}

function printCatalogue(groups: readonly Group[]): void {
  const all = allSigns(groups)
  line('In a catalogue: AUC / false offers', 'needs', ...all.map(([name]) => name))
  const sets = groups.filter(({ inCatalogue }) => inCatalogue)
  const both = { name: 'both', told: sets.flatMap(({ told }) => told) }
  for (const { name, told } of [...sets, both]) {
    const ours = reported(told)
    const found = ours.filter((one) => !one.fits || one.semantic.found)
    for (const [label, of] of [
      [name, ours],
      ['  right tool among the first five', found],
    ] as const) {
      line(label, String(of.length), ...all.map(([, signOf]) => pair(judged(of, signOf))))
    }
  }
}

function printDuplicates(sweep: readonly Sweep[]): void {
  console.log()
  line('Near-duplicates taken away', 'removed', 'top cosine', 'confidence')
  for (const { cosine, set, removed, told } of sweep) {
    const rule = `cosine >= ${cosine}${cosine === nearDuplicateCosine ? ', ours' : ''}`
    line(`${set}, ${rule}`, removed.toFixed(1), ...['top cosine', 'confidence'].map((name) => pair(judged(told, signs[name] as never))))
  }
}

function printOthers(groups: readonly Group[]): void {
  const all = allSigns(groups)
  console.log()
  line('Among few: AUC / false offers', 'needs', ...all.map(([name]) => name))
  for (const { name, told } of groups.filter(({ inCatalogue }) => !inCatalogue)) {
    const ours = reported(told)
    line(name, String(ours.length), ...all.map(([, signOf]) => pair(judged(ours, signOf))))
  }
}

/** Weights from one set alone, on the other. */
function printLeftOut(groups: readonly Group[]): void {
  console.log()
  line('Fitted on one set, asked on the other', 'AUC')
  for (const [from, to] of [
    ['MetaTool', 'BFCL'],
    ['BFCL', 'MetaTool'],
  ] as const) {
    const terms = (told: Told) => termsOf(told.semantic.facts)
    const weights = fitted(
      groups.filter(({ name }) => name.startsWith(from)),
      terms,
    )
    for (const { name, told } of groups.filter((one) => one.name.startsWith(to))) {
      line(`${from} -> ${name}`, figure(aucOf(judged(reported(told), (one) => sumOf(weights, terms(one))))))
    }
  }
}

function printVerdicts(groups: readonly Group[]): void {
  console.log()
  line('Said "none fits"', 'one fits', 'none fits', 'words: one', 'words: none')
  for (const { name, told } of groups) {
    const said = (fits: boolean, of: (told: Told) => Verdict) =>
      figure(
        shareOf(
          reported(told).filter((one) => one.fits === fits),
          (one) => of(one).noneFits,
        ),
      )
    const cells = (['semantic', 'lexical'] as const).flatMap((by) => [said(true, (one) => one[by]), said(false, (one) => one[by])])
    line(name, ...cells)
  }
}

function printReliability(groups: readonly Group[]): void {
  for (const by of ['semantic', 'lexical'] as const) {
    console.log()
    line(`Confidence, ${by}`, 'needs', 'said', 'true', 'catalogue', 'said', 'true')
    const table = (told: readonly Told[]) => reliabilityOf(judged(told, (one) => one[by].confidence))
    const all = table(groups.flatMap(({ told }) => reported(told)))
    const catalogue = table(groups.filter(({ inCatalogue }) => inCatalogue).flatMap(({ told }) => reported(told)))
    for (const [index, bin] of all.entries()) {
      const cells = [bin, catalogue[index] as typeof bin].flatMap((one) => [String(one.needs), figure(one.said), figure(one.true)])
      line(`  below ${bin.upTo}`, ...cells)
    }
  }
}

function pair(all: readonly Judged[]): string {
  return `${figure(aucOf(all))} ${figure(falseOffersOf(all, keptShare))}`
}

function line(name: string, ...cells: readonly string[]): void {
  console.log(`${name.padEnd(40)}${cells.map((cell) => cell.padStart(12)).join('')}`)
}

if (import.meta.main) await benchAbstention()
