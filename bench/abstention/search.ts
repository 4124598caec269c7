import { dot } from '../../models/embedder.ts'
import type { FitFacts } from '../../tools/search/confidence.ts'
import { createToolSearch } from '../../tools/search.ts'
import type { HostedTool } from '../../tools/tool.ts'
import type { PreparedEmbedder } from '../learning/vectors.ts'
import type { Case } from './cases.ts'

/** What was told of a case, by meaning and by words, and what the baselines look at. */
export interface Told {
  readonly asked: Case
  readonly fits: boolean
  readonly semantic: Verdict
  readonly lexical: Verdict
  /** The highest cosine of the need with a tool's name and description. */
  readonly topCosine: number
}

export interface Verdict {
  readonly confidence: number
  readonly noneFits: boolean
  readonly facts: FitFacts
  /** Whether a right tool is among the first five. */
  readonly found: boolean
}

/** Tools that are asked with and without vectors. */
export interface Searched {
  readonly tools: readonly HostedTool[]
  /** Of each tool's name and description, in the order of the tools. */
  readonly vectors: readonly Float32Array[]
  tell(cases: readonly Case[]): Promise<Told[]>
  close(): void
}

const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }

export async function createSearched(embedder: PreparedEmbedder, tools: readonly HostedTool[]): Promise<Searched> {
  const catalogue = { tools, prompts: [], resources: [], templates: [], hash: 'bench' }
  // On a busy machine too: a need whose vector is late would be counted as one by meaning, and was answered by words.
  const semantic = createToolSearch({ embedder, log: quiet, needLimitMs: 600_000 })
  const lexical = createToolSearch({ embedder: undefined, log: quiet })
  for (const search of [semantic, lexical]) search.index(catalogue)
  await semantic.settled()
  const vectors = await embedder.embed(tools.map((tool) => `${tool.tool}: ${tool.description}`.slice(0, 600)))

  async function cosinesOf(need: string): Promise<Float64Array> {
    const [asked] = await embedder.embed([need], { priority: 'query' })
    return Float64Array.from(vectors, (vector) => dot(vector, asked as Float32Array))
  }

  return {
    tools,
    vectors,

    async tell(cases) {
      const told: Told[] = []
      for (const [text, of] of Map.groupBy(cases, (one) => one.text)) {
        const cosines = await cosinesOf(text)
        for (const asked of of) {
          const allowed = (tool: HostedTool) => asked.among?.has(tool.name) !== false && asked.without?.has(tool.name) !== true
          const query = { need: text, limit: 5, allowed }
          const verdicts = [await semantic.find(query), await lexical.find(query)].map(
            ({ confidence, noneFits, facts, hits }): Verdict => ({
              confidence,
              noneFits,
              facts,
              found: hits.some(({ tool }) => asked.gold.includes(tool.name)),
            }),
          )
          const topCosine = tools.reduce((top, tool, place) => (allowed(tool) ? Math.max(top, cosines[place] as number) : top), -1)
          told.push({ asked, fits: asked.gold.length > 0, semantic: verdicts[0] as Verdict, lexical: verdicts[1] as Verdict, topCosine })
        }
      }
      return told
    },

    close() {
      for (const search of [semantic, lexical]) search.close()
    },
  }
}
