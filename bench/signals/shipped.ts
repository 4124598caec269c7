import { readFileSync } from 'node:fs'
import { dot } from '../../models/embedder.ts'
import { easyExamples, hardExamples } from '../../policies/signals/complexity-examples.ts'
import { nearestCosine } from '../../policies/signals/example-vectors.ts'
import { nearestCentroid } from '../../policies/signals/heads/cross-validate.ts'
import type { Example } from '../../policies/signals/heads/fit.ts'
import { judge } from '../../policies/signals/heads/head.ts'
import { shippedHead } from '../../policies/signals/shipped-heads.ts'
import type { PreparedEmbedder } from '../learning/vectors.ts'
import { type Row, read, string } from '../tool-search/data.ts'
import { complexityRows, domainRows, type LabelledText } from './data.ts'
import { areaOf, figure, row, shareOf } from './figures.ts'

type Seen = LabelledText & Example

/** Questions whose id the head has not seen, and the reference system's own cases. */
export async function benchDomain(embedder: PreparedEmbedder): Promise<void> {
  const { head } = await shippedHead('domain')
  const rows = await withVectors('domain', domainRows(), embedder)
  const training = rows.filter((one) => !one.isHeldOut)
  const centroid = nearestCentroid(training)
  const told = (name: string, asked: readonly Example[], goal: string) => {
    const right = (of: (one: Example) => string) => figure(shareOf(asked, (one) => of(one) === one.label))
    const startedAt = performance.now()
    const learned = right(({ text, vector }) => judge(head, text, vector).label)
    const ms = (performance.now() - startedAt) / asked.length
    row(
      name,
      String(asked.length),
      right(({ vector }) => centroid(vector)),
      right(({ vector }) => neighbours(training, vector)),
      learned,
      goal,
    )
    return ms
  }
  row('domain, 14 classes, question alone', 'texts', 'centroid', 'kNN', 'shipped', 'goal')
  const heldOut = rows.filter((one) => one.isHeldOut)
  const ms = told('MMLU, held out', heldOut, '>= .83')
  const sure = heldOut
    .map(({ text, vector, label }) => ({ label, verdict: judge(head, text, vector) }))
    .filter(({ verdict }) => verdict.confidence >= 0.3)
  row(
    '  of those named at .3: share / right',
    '',
    '',
    '',
    `${figure(sure.length / heldOut.length)}/${figure(shareOf(sure, (one) => one.verdict.label === one.label))}`,
  )
  const cases = read('vllm-sr-cases/e2e_cases.jsonl')
    .filter((one) => one['suite'] === 'domain_classify')
    .map((one) => ({ text: string((one['case'] as Row)['question']), label: string((one['case'] as Row)['category']) }))
  const own = read('vllm-sr-cases/domain_bench.jsonl').map((one) => ({ text: string(one['text']), label: string(one['domain14']) }))
  const short = readFileSync(new URL('../../scripts/heads/domain_short.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; label: string })
  told('own short questions, by which the leaning was chosen', await plainVectors(short, embedder), '')
  told("vLLM Semantic Router's domain_classify cases", await plainVectors(cases, embedder), '')
  told("vLLM Semantic Router's domain bench", await plainVectors(own, embedder), '')
  row('  head alone, ms a text', '', '', '', ms.toFixed(2))
}

/** AUC of telling questions that the weaker model failed from those it did not. */
export async function benchComplexity(embedder: PreparedEmbedder): Promise<void> {
  const { head } = await shippedHead('complexity')
  const rows = (await withVectors('complexity', complexityRows(), embedder)).filter((one) => one.isHeldOut)
  const [hard, easy] = [await embedder.embed(hardExamples), await embedder.embed(easyExamples)]
  const columns: ((one: Seen) => number)[] = [
    ({ text }) => text.length,
    ({ vector }) => nearestCosine(vector, hard) - nearestCosine(vector, easy),
    ({ text, vector }) => {
      const { scores } = judge(head, text, vector)
      return (scores[head.labels.indexOf('hard')] ?? 0) - (scores[head.labels.indexOf('easy')] ?? 0)
    },
  ]
  row('complexity: failed by the weaker model, AUC', 'texts', 'length', 'examples', 'outcomes', '')
  const told = (name: string, asked: readonly Seen[]) => {
    const scores = (of: (one: Seen) => number, label: string) => asked.filter((one) => one.label === label).map(of)
    row(name, String(asked.length), ...columns.map((of) => figure(areaOf(scores(of, 'hard'), scores(of, 'easy')))))
  }
  told(
    'MMLU, held out',
    rows.filter(({ id }) => id.startsWith('mmlu')),
  )
  told(
    'GSM8K, held out',
    rows.filter(({ id }) => !id.startsWith('mmlu')),
  )
}

const wrongDecisions = /wrong_answer|recovery/

/** The reference system's own cases of follow-ups: a parity check, no more, since they are few and written to fit its rules. */
export async function benchFeedback(embedder: PreparedEmbedder): Promise<void> {
  const [feedback, factCheck] = [await shippedHead('feedback'), await shippedHead('fact_check')]
  const cases = read('vllm-sr-cases/recipe_probes.jsonl').flatMap((one) => {
    const decision = string(one['expected_decision'])
    const isWrong = wrongDecisions.test(decision)
    if (!isWrong && !decision.includes('need_clarification')) return []
    const messages = (one['messages'] ?? []) as Row[]
    const text = messages.length > 0 ? messages.at(-1)?.['content'] : one['query']
    return typeof text === 'string' && /^[ -~]+$/.test(text) ? [{ text, label: isWrong ? 'wrong' : 'clarification' }] : []
  })
  const asked = await plainVectors(cases, embedder)
  row('feedback, in English', 'texts', 'centroid', 'shipped', '')
  const { rows, cross_validated_accuracy: accuracy, nearest_centroid: baseline } = feedback.measured
  row('own sentences, 5 classes, cross-validated', String(rows), figure(Number(baseline)), figure(Number(accuracy)))
  const withoutSource = (name: string) => figure(Number(feedback.measured[`source_left_out_${name}`]))
  row('the same, each source by a head without it', String(rows), '', withoutSource('accuracy'))
  row(
    'the same, satisfied or not where either is said',
    '',
    withoutSource('satisfied_or_not_nearest_centroid'),
    withoutSource('satisfied_or_not'),
    '>= .86',
  )
  const firstWords = (text: string) => text.split(/\s+/).slice(0, 30).join(' ')
  const right = asked.filter(({ text, vector, label }) => judge(feedback.head, firstWords(text), vector).label === label)
  const notSatisfied = asked.filter(({ text, vector }) => judge(feedback.head, firstWords(text), vector).label !== 'satisfied')
  row("vLLM Semantic Router's feedback probes", String(asked.length), '', figure(right.length / asked.length))
  row('  of those not satisfied, which all are', '', '', figure(notSatisfied.length / asked.length))
  row(
    'fact check, own sentences, cross-validated',
    String(factCheck.measured['rows']),
    figure(Number(factCheck.measured['nearest_centroid'])),
    figure(Number(factCheck.measured['cross_validated_accuracy'])),
  )
}

/** The baseline: the label of most of the ten nearest questions. */
function neighbours(training: readonly Example[], vector: Float32Array): string {
  const nearest: { label: string; cosine: number }[] = []
  for (const one of training) {
    const cosine = dot(one.vector, vector)
    if (nearest.length === 10 && cosine <= (nearest[9]?.cosine ?? -1)) continue
    nearest.push({ label: one.label, cosine })
    nearest.sort((a, b) => b.cosine - a.cosine)
    nearest.length = Math.min(10, nearest.length)
  }
  const votes = new Map<string, number>()
  for (const { label, cosine } of nearest) votes.set(label, (votes.get(label) ?? 0) + cosine)
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? ''
}

async function withVectors(name: string, rows: readonly LabelledText[], embedder: PreparedEmbedder): Promise<Seen[]> {
  const texts = rows.map(({ text }) => text)
  await embedder.prepare(`signals-${name}`, texts)
  const vectors = await embedder.embed(texts)
  return rows.map((one, place) => ({ ...one, vector: vectors[place] as Float32Array }))
}

async function plainVectors(rows: readonly { text: string; label: string }[], embedder: PreparedEmbedder): Promise<Example[]> {
  const vectors = await embedder.embed(rows.map(({ text }) => text))
  return rows.map((one, place) => ({ ...one, vector: vectors[place] as Float32Array }))
}
