import type { Embedder } from '../../models/embedder.ts'
import type { CachedEmbedder } from '../../models/local/index.ts'
import type { Log } from '../log.ts'
import type { ScoreMade, ToolFindings, ToolQuery, ToolSearch } from '../search.ts'
import type { HostedTool } from '../tool.ts'
import { type Bm25, indexWords, readBm25, type WordIndex } from './bm25.ts'
import { clausesOf } from './clauses.ts'
import { confidenceOf, noneFitsBelow } from './confidence.ts'
import { packWords, unpackWords } from './kept-words.ts'
import { nearestNames } from './nearest-names.ts'
import { pointersIn } from './pointers.ts'
import { nearnessOf, scoreTools, type ViewRows, withExamples } from './scoring.ts'
import { createVectors, type Vectors } from './vectors.ts'
import { createTextReader, fieldWeights, isReadable, type ToolText } from './views.ts'
import { wordsOf } from './words.ts'

export interface ToolSearchOptions {
  /** With a cache inside, so that a text which was embedded once is not embedded again. `undefined`: words only. */
  embedder: Embedder | CachedEmbedder | undefined
  log: Log
  /** A need that waits longer for its vector is answered by words: the model may be starting, an endpoint may hang. */
  needLimitMs?: number | undefined
  now?: (() => number) | undefined
}

interface Index {
  hash: string | undefined
  /** Without the quarantined ones: those are not scored, counted or named. */
  tools: readonly HostedTool[]
  /** Where each tool's views stand among the vectors. */
  views: ViewRows
  /** And its examples. */
  examples: ViewRows
  /** By the text that they were read from: a text that stays is not read again. */
  words: ReadonlyMap<string, readonly string[]>
  /** To be kept; `undefined` when it was taken up from there. */
  wordIndex: WordIndex | undefined
  bm25: Bm25
}

// Who has just started may be asked at once, and is answered by words before the texts have been read for their vectors.
const firstAnswerMs = 300

// The newest words of a thread say most about the step.
const contextCharacters = 800
// Divided by the number of words of the need: "send it" lives on what was said before, a full sentence does not. On the turns of
// BFCL's conversations, which are full sentences, this changes nothing, while a fixed 0.2 loses a point of recall.
const contextWeight = 0.6
// Of an address or a file in those words, beside one in the need. Between 0.3 and 1 nothing changed on the tuning half.
const contextPointers = 0.5

/**
 * Compares a need with every tool, so the order is exact and the same each time; ties go by name.
 *
 * Vectors decide as soon as half of the tools that a caller may see have them; until then, and while the embedder fails,
 * words do. A tool whose vectors are still missing takes part by its words.
 */
export function createToolSearch({ embedder, log, needLimitMs = 3000, now = Date.now }: ToolSearchOptions): ToolSearch {
  const vectors: Vectors = createVectors({ embedder, log, now })
  const readTexts = createTextReader()
  let index: Index = { hash: undefined, tools: [], views: viewRows([]), examples: viewRows([]), words: new Map(), ...wordsIn([]) }
  /** While the words of a catalogue are known from an earlier run, and its texts have not been read yet. */
  let reading: { readonly done: Promise<void>; stop(): void } | undefined

  /** How many of a tool's views have their vector, and how many there are. */
  const viewsOf = (position: number): [there: number, all: number] => {
    const { starts, rows } = index.views
    const [start, end] = [starts[position] ?? 0, starts[position + 1] ?? 0]
    let there = 0
    for (let at = start; at < end; at += 1) if (vectors.has(rows[at] as number)) there += 1
    return [there, end - start]
  }

  /** Whether half of them have a vector at least. */
  const isSemantic = (positions: readonly number[]) => {
    if (!vectors.usable() || positions.length === 0) return false
    let count = 0
    for (const position of positions) {
      if (viewsOf(position)[0] > 0) count += 1
      if (count * 2 >= positions.length) return true
    }
    return false
  }

  const positionsOf = (allowed: ToolQuery['allowed']): number[] => {
    const positions: number[] = []
    for (let position = 0; position < index.tools.length; position += 1) {
      if (allowed?.(index.tools[position] as HostedTool) ?? true) positions.push(position)
    }
    return positions
  }

  const nearnessTo = (dot: (row: number) => number) => (position: number) =>
    withExamples(nearnessOf(index.views, position, dot, vectors.has), index.examples, position, dot, vectors.has)

  let examples: ReadonlyMap<string, readonly string[]> = new Map()

  const wantViews = (tools: readonly HostedTool[], texts: readonly ToolText[]): Pick<Index, 'views' | 'examples'> => {
    const exampleTexts = tools.map(({ hash }) => examples.get(hash) ?? [])
    const rowOf = vectors.want([...texts.flatMap(({ views }) => views), ...exampleTexts.flat()])
    const rowsOf = (of: readonly (readonly string[])[]) => viewRows(of.map((own) => own.map((text) => rowOf.get(text) as number)))
    return { views: rowsOf(texts.map(({ views }) => views)), examples: rowsOf(exampleTexts) }
  }

  function readLater(tools: readonly HostedTool[]): void {
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const end = () => {
      reading = undefined
      resolve()
    }
    const timer = setTimeout(() => {
      index = { ...index, ...wantViews(tools, readTexts(tools)) }
      end()
    }, firstAnswerMs).unref()
    reading = {
      done,
      stop() {
        clearTimeout(timer)
        end()
      },
    }
  }

  async function vectorsOf(
    { need, context, signal }: ToolQuery,
    words: number,
    clauses: readonly string[],
  ): Promise<NeedVectors | undefined> {
    if (!embedder) return undefined
    const around = context?.slice(-contextCharacters) ?? ''
    const embedding = embedder.embed([need, ...clauses, ...(isReadable(around) ? [around] : [])], { priority: 'query', signal })
    try {
      const [vector, ...others] = await inTime(embedding, signal)
      for (const one of [vector, ...others]) vectors.check(one)
      vectors.worked()
      const whole = vector as Float32Array
      const turn = others[clauses.length]
      return {
        whole: turn ? blend(whole, turn, contextWeight / Math.max(1, words)) : whole,
        clauses: others.slice(0, clauses.length),
      }
    } catch (error) {
      signal?.throwIfAborted()
      vectors.failed(error)
      return undefined
    }
  }

  /** Gives up waiting, not the embedding: when it comes after all, the next need is compared by meaning at once. */
  async function inTime(embedding: Promise<Float32Array[]>, signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const late = new Error(`No vector of the need came within ${needLimitMs} ms`)
    const limit = AbortSignal.timeout(needLimitMs)
    const passed = new Promise<never>((_, reject) => limit.addEventListener('abort', () => reject(late), { once: true }))
    try {
      return await Promise.race([embedding, passed])
    } catch (error) {
      if (error === late) {
        embedding.then(
          () => vectors.recovered(late),
          (reason: unknown) => signal?.aborted || vectors.failed(reason),
        )
      }
      throw error
    }
  }

  /** For the tools that are shown alone: their texts are at hand, since they were read for the vectors. */
  function madeOf(position: number, unlearned: number, vector: Float32Array | undefined, words: readonly string[]): ScoreMade {
    const { starts, rows } = index.views
    const [texts] = readTexts(index.tools).slice(position, position + 1)
    const byWords = index.bm25.scores(words)
    const best = byWords.reduce((most, one) => Math.max(most, one), 0)
    return {
      views: (texts?.views ?? []).map((text, place) => {
        const row = rows[(starts[position] ?? 0) + place]
        const isThere = vector !== undefined && row !== undefined && (starts[position + 1] ?? 0) > (starts[position] ?? 0) + place
        return { text, cosine: isThere && vectors.has(row) ? vectors.dot(vector, row) : null }
      }),
      words: best > 0 ? (byWords[position] ?? 0) / best : 0,
      unlearned,
    }
  }

  async function find(query: ToolQuery): Promise<ToolFindings> {
    query.signal?.throwIfAborted()
    vectors.resume()
    const words = wordsOf(query.need)
    const known = index
    const allowed = positionsOf(query.allowed)
    const clauses = clausesOf(query.need)
    const embedding = isReadable(query.need) && isSemantic(allowed) ? vectorsOf(query, words.length, clauses) : undefined
    const byWords = known.bm25.scores(words)
    const embedded = await embedding
    const vector = embedded?.whole

    // The catalogue may have changed while the need was embedded, and what was removed is not found any more.
    const isSame = index === known
    const positions = isSame ? allowed : positionsOf(query.allowed)
    const { tools, bm25 } = index
    const dots = vector && (isSame ? vectors.usable() : isSemantic(positions)) ? vectors.dots(vector) : undefined
    const { scores: unlearned, facts } = scoreTools({
      positions,
      nearness: dots && nearnessTo((row) => dots[row] as number),
      lexical: isSame ? byWords : bm25.scores(words),
      clauses: dots
        ? (embedded?.clauses ?? []).map((clause, place) => ({
            nearness: nearnessTo((row) => vectors.dot(clause, row)),
            lexical: bm25.scores(wordsOf(clauses[place] ?? '')),
          }))
        : [],
      pointed: pointedBy(bm25, query),
      rareWord: bm25.rareWord,
      used: query.used && ((position) => query.used?.includes(tools[position]?.name ?? '') === true),
    })
    const asked = { vector: dots && vector, words }
    const scores =
      query.learned?.rescore(
        { ...asked, used: query.used ?? [] },
        positions.map((position) => tools[position] as HostedTool),
        unlearned,
      ) ?? unlearned
    const offset = query.offset ?? 0
    const best = bestOf(scores, offset + query.limit, dots ? Number.NEGATIVE_INFINITY : 0)
    const confidence = best.length === 0 ? 0 : confidenceOf(facts)
    return {
      hits: best.slice(offset).map((place) => ({
        tool: tools[positions[place] as number] as HostedTool,
        score: scores[place] as number,
        ...(query.explain === true && { made: madeOf(positions[place] as number, unlearned[place] as number, vector, words) }),
      })),
      noneFits: confidence < noneFitsBelow,
      confidence,
      facts,
      searched: dots ? 'semantic' : 'lexical',
      scored: positions.length,
      asked,
    }
  }

  return {
    find,

    index(catalogue, kept) {
      if (catalogue.hash === index.hash) return
      reading?.stop()
      // By name, so that equal scores keep one order whatever the order of the catalogue.
      const tools = catalogue.tools.filter((tool) => tool.quarantined === undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const known = kept && unpackWords(catalogue.hash, kept)
      if (known?.documents === tools.length) {
        index = {
          hash: catalogue.hash,
          tools,
          words: new Map(),
          views: viewRows(tools.map(() => [])),
          examples: viewRows(tools.map(() => [])),
          wordIndex: undefined,
          bm25: readBm25(known),
        }
        readLater(tools)
        return
      }
      const texts = readTexts(tools)
      const words = new Map<string, readonly string[]>()
      for (const { fields } of texts) {
        for (const field of fields) if (!words.has(field)) words.set(field, index.words.get(field) ?? wordsOf(field))
      }
      index = {
        hash: catalogue.hash,
        tools,
        words,
        ...wantViews(tools, texts),
        ...wordsIn(texts.map(({ fields }) => fields.map((field) => words.get(field) as readonly string[]))),
      }
    },

    exemplify(given) {
      examples = given
      // What is read later takes them up then.
      if (!reading && index.hash !== undefined) index = { ...index, ...wantViews(index.tools, readTexts(index.tools)) }
    },

    keptWords: () => (index.hash === undefined || !index.wordIndex ? undefined : packWords(index.hash, index.wordIndex)),

    async settled() {
      await reading?.done
      await vectors.settled()
    },

    base() {
      const { tools, bm25 } = index
      const positions = [...tools.keys()]
      return {
        tools,
        scores({ vector, words }) {
          vectors.check(vector)
          const dots = vectors.dots(vector)
          return scoreTools({
            positions,
            nearness: nearnessTo((row) => dots[row] as number),
            lexical: bm25.scores(words),
            clauses: [],
            pointed: undefined,
            rareWord: bm25.rareWord,
            used: undefined,
          }).scores
        },
      }
    },

    nearestNames(name, allowed) {
      return nearestNames(
        name,
        positionsOf(allowed).map((position) => index.tools[position]?.name ?? ''),
      )
    },

    state() {
      const positions = positionsOf(undefined)
      const isComplete = (position: number) => {
        const [there, all] = viewsOf(position)
        return there === all
      }
      return {
        tools: positions.length,
        embedded: embedder && !reading ? positions.filter(isComplete).length : 0,
        searched: isSemantic(positions) ? 'semantic' : 'lexical',
        embeddedTexts: vectors.computed,
        error: vectors.error,
      }
    },

    close() {
      reading?.stop()
      vectors.close()
    },
  }
}

function wordsIn(documents: Parameters<typeof indexWords>[0]): Pick<Index, 'wordIndex' | 'bm25'> {
  const wordIndex = indexWords(documents, fieldWeights)
  return { wordIndex, bm25: readBm25(wordIndex) }
}

function viewRows(rows: readonly (readonly number[])[]): ViewRows {
  const starts = new Int32Array(rows.length + 1)
  for (const [position, own] of rows.entries()) starts[position + 1] = (starts[position] as number) + own.length
  return { starts, rows: Int32Array.from(rows.flat()) }
}

/** How much what a step points at speaks for each tool: in its own words, and with less weight in those before it. */
function pointedBy(bm25: Bm25, { need, context }: ToolQuery): Float64Array | undefined {
  const weighed = [
    ...pointersIn(need).map((pointer) => ({ pointer, weight: 1 })),
    ...pointersIn(context?.slice(-contextCharacters) ?? '').map((pointer) => ({ pointer, weight: contextPointers })),
  ]
  let most: Float64Array | undefined
  for (const { pointer, weight } of weighed) {
    const scores = bm25.scores(wordsOf(pointer.what))
    const further = bm25.scores(wordsOf(pointer.further))
    most ??= new Float64Array(scores.length)
    for (let position = 0; position < scores.length; position += 1) {
      const score = scores[position] as number
      // Of several things that are pointed at, a tool need not be for more than one.
      if (score > 0) most[position] = Math.max(most[position] as number, weight * (score + (further[position] as number)))
    }
  }
  return most
}

interface NeedVectors {
  readonly whole: Float32Array
  readonly clauses: readonly Float32Array[]
}

/** Turns a unit vector a little towards another. */
function blend(vector: Float32Array, towards: Float32Array, weight: number): Float32Array {
  const sum = vector.map((value, index) => value + weight * (towards[index] ?? 0))
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}

/** The places of the `count` highest scores above `floor`, highest first; of equal ones the earlier first. */
function bestOf(scores: Float64Array, count: number, floor: number): number[] {
  const best: number[] = []
  for (let place = 0; place < scores.length; place += 1) {
    const score = scores[place] as number
    if (score <= floor || (best.length === count && score <= (scores[best[count - 1] as number] as number))) continue
    let at = best.length
    while (at > 0 && (scores[best[at - 1] as number] as number) < score) at -= 1
    best.splice(at, 0, place)
    if (best.length > count) best.pop()
  }
  return best
}
