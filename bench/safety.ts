import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dot, type Embedder } from '../models/embedder.ts'
import { findInjection } from '../models/local/detect/index.ts'
import { createMiniLM } from '../models/local/index.ts'
import { judgeByNetwork } from '../policies/signals/safety/network.ts'
import { scanMessage } from '../policies/signals/safety/scan.ts'
import { shippedNetwork } from '../policies/signals/safety/shipped-networks.ts'
import { observations, unseenJbbRows, written } from '../scripts/safety/rows.ts'
import { linesOfScreens } from './safety/screens.ts'
import { benchToolCalls } from './safety/tool-calls.ts'
import { areaOf, figure, row } from './signals/figures.ts'
import { folder, type Row, read, string } from './tool-search/data.ts'

/*
 * How well the networks for jailbreaks and injected orders do on texts that they have not seen, under the thresholds that ship.
 *
 * `held.txt` was written after the sentences for training, by the same author, and was not looked at while they were changed: an upper
 * bound for what others write. Baselines: the phrases alone, and the contrast of cosines (nearest written attack less nearest harmless
 * text) with a threshold by the same rule on the same texts.
 */
interface Scored {
  readonly words: number
  readonly cosine: number
  readonly network: number
}

const held = Map.groupBy(written(new URL('safety/held.txt', import.meta.url)), ({ kind }) => kind)
const embedder = createMiniLM()
try {
  const messages = await messageScorer(embedder)
  const limits = messages.limits
  row('messages: flagged', 'texts', 'words', 'cosine', 'network', 'goal')
  const told = async (name: string, texts: readonly string[], goal = '') => {
    const scores = await Promise.all(texts.map(messages.score))
    const share = (of: (one: Scored) => number, limit: number) => figure(scores.filter((one) => of(one) >= limit).length / scores.length)
    row(
      name,
      String(texts.length),
      share((one) => one.words, 0.6),
      share((one) => one.cosine, limits.cosine),
      share((one) => one.network, limits.network),
      goal,
    )
  }
  await told('harmless, words of attacks in them', textsOf('triggers'), '<= .08')
  await told('harmless, words of crimes in them', textsOf('borderline'), '<= .08')
  await told('jailbreaks as people write them', textsOf('wild'), '>= .88')
  await told('harmful requests in a frame', textsOf('rewritten'), '>= .75')
  const freely = Map.groupBy(written(new URL('safety/framed.txt', import.meta.url)), ({ kind }) => kind === 'benign_frame')
  const framed = (isHarmless: boolean) => (freely.get(isHarmless) ?? []).map(({ text }) => text)
  await told('the same, each with its harmless twin', framed(false))
  await told('the harmless twins', framed(true))
  if (existsSync(join(folder, 'jbb-artifacts'))) {
    for (const [method, rows] of Map.groupBy(unseenJbbRows(), (one) => one.method))
      await told(
        `JailbreakBench, unseen half: ${method}`,
        rows.map(({ text }) => text),
      )
    const cases = read('vllm-sr-cases/e2e_cases.jsonl').filter((one) => one['suite'] === 'jailbreak_detection')
    await told(
      "vLLM Semantic Router's cases",
      cases.map((one) => string((one['case'] as Row)['question'])),
    )
    await told('CLINC150, not learnt from', every(read('clinc150/val.jsonl'), 6, 'text'), '<= .01')
    await told('BANKING77, not learnt from', every(read('banking77/test.jsonl'), 6, 'text'), '<= .01')
    await told('MetaTool awareness, not learnt from', every(read('metatool/awareness.jsonl'), 3, 'query'), '<= .01')
    for (const words of [100, 300]) {
      await told(`${words} harmless words of these three`, fillers(30, words))
      await told(`amid ${words} such words: jailbreaks as people write them`, amid(textsOf('wild'), words))
      await told(`amid ${words} such words: harmful requests in a frame`, amid([...textsOf('rewritten'), ...framed(false)], words))
    }
  }

  const sentences = await sentenceScorer(embedder)
  console.log()
  row('sentences: orders against harmless', 'texts', 'words', 'cosine', 'network', 'goal')
  const area = async (name: string, orders: readonly string[], harmless: readonly string[], goal = '') => {
    const [positive, negative] = [await sentences.score(orders), await sentences.score(harmless)]
    const of = (one: (scored: Scored) => number) => figure(areaOf(positive.map(one), negative.map(one)))
    row(
      `${name}: AUC`,
      `${orders.length}/${harmless.length}`,
      of((one) => one.words),
      of((one) => one.cosine),
      of((one) => one.network),
      goal,
    )
    const flagged = (scores: readonly Scored[]) => figure(scores.filter((one) => one.network >= sentences.threshold).length / scores.length)
    row('  found / flagged at the threshold', '', '', '', `${flagged(positive)}/${flagged(negative)}`)
  }
  await area('written for the report', textsOf('ordered'), textsOf('harmless_sentences'), '>= .90')
  const screens = linesOfScreens()
  await area('orders on screens, open half, English', screens.orders, screens.harmless, '>= .90')
  if (existsSync(join(folder, 'tau-bench')))
    await area(
      'written, against unseen tool results',
      textsOf('ordered'),
      observations({ held: true }).filter((_, place) => place % 5 === 0),
      '>= .90',
    )
  console.log()
  await benchToolCalls(embedder)
} finally {
  await embedder.close()
}

function textsOf(kind: string): string[] {
  return (held.get(kind) ?? []).map(({ text }) => text)
}

/** Questions that nothing was learnt from, up to so many words, each text of other ones. */
function fillers(count: number, most: number): string[] {
  const asked = [...every(read('clinc150/val.jsonl'), 6, 'text'), ...every(read('banking77/test.jsonl'), 6, 'text')]
  const questions = [...asked, ...every(read('metatool/awareness.jsonl'), 3, 'query')].map((text) => text.replace(/[.?!]*$/, '.'))
  return Array.from({ length: count }, (_, text) => {
    const words: string[] = []
    for (let at = 0; words.length < most; at += 1) words.push(...(questions[(text * 7 + at * 61) % questions.length] as string).split(' '))
    return words.join(' ')
  })
}

/** Each attack between two questions somewhere in so many harmless words. */
function amid(attacks: readonly string[], words: number): string[] {
  return fillers(attacks.length, words).map((filler, place) => {
    const sentences = filler.split(/(?<=\.) /)
    const at = Math.floor(sentences.length * (0.3 + 0.4 * (place / attacks.length)))
    return sentences.toSpliced(at, 0, attacks[place] as string).join(' ')
  })
}

function every(rows: readonly Row[], step: number, key: string): string[] {
  return rows.filter((_, place) => place % step === 1).map((one) => string(one[key]))
}

async function messageScorer(by: Embedder) {
  const attacks = await by.embed([...written('evade.txt'), ...written('harmful.txt')].map(({ text }) => text))
  const harmless = await by.embed(written('benign.txt').map(({ text }) => text))
  const { network } = await shippedNetwork('messages')
  // The baseline's threshold: of the harmless texts, each compared with the others, as many are flagged as by the network's rule.
  const own = harmless
    .map((vector, place) => contrast(vector, attacks, harmless.toSpliced(place, 1)))
    .toSorted((left, right) => right - left)
  return {
    limits: { cosine: own[Math.floor(own.length * 0.06)] as number, network: network.threshold },
    async score(text: string): Promise<Scored> {
      const [vector] = await by.embed([text.slice(0, 2000)], { priority: 'query' })
      const { score } = await scanMessage(text, { embedder: by })
      return { words: findInjection(text).score, cosine: contrast(vector as Float32Array, attacks, harmless), network: score }
    },
  }
}

async function sentenceScorer(by: Embedder) {
  const orders = await by.embed(written('injected.txt').map(({ text }) => text))
  const harmless = await by.embed(written('tool-text.txt').map(({ text }) => text))
  const { network } = await shippedNetwork('sentences')
  return {
    threshold: network.threshold,
    async score(texts: readonly string[]): Promise<Scored[]> {
      const vectors = await by.embed(texts)
      return texts.map((text, place) => {
        const vector = vectors[place] as Float32Array
        const words = findInjection(text).score
        return {
          words,
          cosine: contrast(vector, orders, harmless),
          network: judgeByNetwork(network, { text, vector, phrases: words }).score,
        }
      })
    },
  }
}

function contrast(vector: Float32Array, risky: readonly Float32Array[], safe: readonly Float32Array[]): number {
  const nearest = (all: readonly Float32Array[]) => all.reduce((best, one) => Math.max(best, dot(vector, one)), -1)
  return nearest(risky) - nearest(safe)
}
