import { dot, type Embedder } from '../../models/embedder.ts'
import type { LearnedRanking } from '../../tools/learning/learned.ts'
import { createToolSearch, type ToolQuery, type ToolSearch } from '../../tools/search.ts'
import type { HostedTool } from '../../tools/tool.ts'
import type { LabelledNeed } from './labelled-tools.ts'
import { type Abstention, type Answered, abstentionOf, type Ranked, rankingOf, type Times, timesOf } from './measures.ts'

export interface ToolEvaluationRequest {
  readonly tools: readonly HostedTool[]
  readonly needs: readonly LabelledNeed[]
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

interface Surroundings {
  readonly embedder: Embedder
  /** What was learnt; `undefined` when nothing was, or of other tools. */
  readonly learned: LearnedRanking | undefined
  /** What an answer of these tools costs its reader, in tokens. */
  readonly answerTokens: (tools: readonly HostedTool[]) => number
}

export interface ToolEvaluation {
  readonly tools: number
  readonly needs: number
  /** Needs that a tool fits. */
  readonly fitting: number
  /** What it would cost to list all tools instead, in tokens. */
  readonly allTokens: number
  readonly columns: readonly ToolColumn[]
}

/** One way to search: by words (BM25), by the vector of each description, as shipped, and with what was learnt. */
export interface ToolColumn extends Ranked {
  readonly name: 'lexical' | 'embedding' | 'shipped' | 'learned'
  readonly abstention: Abstention | undefined
  /** Of its own verdict that no tool fits: the share of needs with a tool, and of those without, that got it. The plain vector has none. */
  readonly saidNone: { readonly fitting: number; readonly none: number } | undefined
  readonly answerTokens: number
  readonly ms: Times
}

/** As many as an answer of `find_tools` has. */
const shownTools = 5
const comparedTools = 10
const readCharacters = 1000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Asks each need of each way to search, and compares what it finds with what is right. */
export async function evaluateTools(
  { tools, needs, signal, onProgress }: ToolEvaluationRequest,
  { embedder, learned, answerTokens }: Surroundings,
): Promise<ToolEvaluation> {
  const words = createToolSearch({ embedder: undefined, log: silent })
  const shipped = createToolSearch({ embedder, log: silent })
  try {
    for (const search of [words, shipped]) search.index({ tools, prompts: [], resources: [], templates: [], hash: 'evaluation' })
    const plain = await plainSearch(tools, embedder, signal)
    await shipped.settled()
    const { error, embedded, tools: indexed } = shipped.state()
    if (embedded < indexed) throw new Error(`Cannot evaluate: the embedder failed (${error ?? 'vectors are missing'})`)
    const ways: [ToolColumn['name'], Way][] = [
      ['lexical', searchBy(words)],
      ['embedding', plain],
      ['shipped', searchBy(shipped)],
      ...(learned === undefined ? [] : ([['learned', searchBy(shipped, learned)]] satisfies [ToolColumn['name'], Way][])),
    ]
    const byName = new Map(tools.map((tool) => [tool.name, tool]))
    const columns: ToolColumn[] = []
    for (const [index, [name, way]] of ways.entries()) {
      const asked = await askAll(way, needs, signal, (done) => onProgress?.(index * needs.length + done, ways.length * needs.length))
      columns.push(columnOf(name, asked, (names) => answerTokens(names.flatMap((one) => byName.get(one) ?? []))))
    }
    const fitting = needs.filter(({ gold }) => gold.length > 0).length
    return { tools: tools.length, needs: needs.length, fitting, allTokens: allTokens(tools, answerTokens), columns }
  } finally {
    words.close()
    shipped.close()
  }
}

type Way = (need: string, signal: AbortSignal | undefined) => Promise<{ names: string[]; confidence: number; noneFits?: boolean }>

interface Asked extends Answered {
  readonly noneFits: boolean | undefined
  readonly ms: number
}

async function askAll(
  way: Way,
  needs: readonly LabelledNeed[],
  signal: AbortSignal | undefined,
  onDone: (done: number) => void,
): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const { need, gold } of needs) {
    signal?.throwIfAborted()
    const startedAt = performance.now()
    const { names, confidence, noneFits } = await way(need, signal)
    asked.push({ gold, names, confidence, noneFits, ms: performance.now() - startedAt })
    onDone(asked.length)
  }
  return asked
}

function searchBy(search: ToolSearch, learned?: LearnedRanking): Way {
  return async (need, signal) => {
    const query: ToolQuery = { need, limit: comparedTools, learned, signal }
    const { hits, confidence, noneFits } = await search.find(query)
    return { names: hits.map(({ tool }) => tool.name), confidence, noneFits }
  }
}

/** The cosine of the need and the description, and nothing else. */
async function plainSearch(tools: readonly HostedTool[], embedder: Embedder, signal: AbortSignal | undefined): Promise<Way> {
  const texts = tools.map(({ tool, description }) => (description.trim() === '' ? tool : description).slice(0, readCharacters))
  const vectors = await embedder.embed(texts, { priority: 'index', signal })
  return async (need, asking) => {
    const [vector] = await embedder.embed([need], { priority: 'query', signal: asking })
    if (vector === undefined) throw new Error('Cannot evaluate: the embedder gave no vector')
    const scored = tools.map(({ name }, index) => ({ name, cosine: dot(vectors[index] as Float32Array, vector) }))
    const best = scored.toSorted((a, b) => b.cosine - a.cosine || (a.name < b.name ? -1 : 1)).slice(0, comparedTools)
    return { names: best.map(({ name }) => name), confidence: best[0]?.cosine ?? 0 }
  }
}

function columnOf(name: ToolColumn['name'], asked: readonly Asked[], tokensOf: (names: readonly string[]) => number): ToolColumn {
  const share = (fits: boolean) => {
    const some = asked.filter(({ gold }) => gold.length > 0 === fits)
    return some.length === 0 ? 0 : some.filter(({ noneFits }) => noneFits === true).length / some.length
  }
  return {
    name,
    ...rankingOf(asked),
    abstention: abstentionOf(asked),
    saidNone: asked.some(({ noneFits }) => noneFits !== undefined) ? { fitting: share(true), none: share(false) } : undefined,
    answerTokens: asked.reduce((sum, { names }) => sum + tokensOf(names.slice(0, shownTools)), 0) / asked.length,
    ms: timesOf(asked.map(({ ms }) => ms)),
  }
}

/** Each tool with its schema, as the first hit of an answer has it. */
function allTokens(tools: readonly HostedTool[], answerTokens: Surroundings['answerTokens']): number {
  return tools.reduce((sum, tool) => sum + answerTokens([tool]), 0)
}
