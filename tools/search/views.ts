import { identifiersToWords } from '../../models/local/index.ts'
import { stripInvisible } from '../describe.ts'
import type { HostedTool } from '../tool.ts'

/** What the index reads of one tool. */
export interface ToolText {
  /** The texts that become vectors, without empty ones: server, name and description; first sentence; server, name and parameters. */
  readonly views: readonly string[]
  /** The texts whose words count, each as much as `fieldWeights` says: server, name, description, names of parameters. */
  readonly fields: readonly string[]
}

// A word of a name says most: needs that hold one mean it. Parameters help where the words of a need are their values' kinds.
export const fieldWeights: readonly number[] = [3, 2.5, 1, 0.3]

// Measured on open data, the vectors of 150, 300 and 600 characters rank alike; short ones are embedded in half the time.
const viewCharacters = 200
const sentenceCharacters = 200
const parameterCharacters = 200
// Bounds the work on a description of megabytes.
const readCharacters = 4000

/** What was read of one server's tools, by their names. */
interface ServerTexts {
  /** Changes when one of its tools does. */
  readonly key: string
  readonly texts: ReadonlyMap<string, ToolText>
}

/**
 * The texts of catalogues that follow each other. They change server by server: what the others say is not read again.
 *
 * @returns Reads all tools of a catalogue, in its order.
 */
export function createTextReader(): (tools: readonly HostedTool[]) => ToolText[] {
  let known = new Map<string, ServerTexts>()
  return (tools) => {
    const next = new Map<string, ServerTexts>()
    for (const [server, own] of Map.groupBy(tools, ({ server: name }) => name)) {
      const key = own.map(({ name, hash }) => `${name} ${hash}`).join('\n')
      const old = known.get(server)
      next.set(server, old?.key === key ? old : { key, texts: new Map(textsOf(own).map((text, place) => [own[place]?.name ?? '', text])) })
    }
    known = next
    return tools.map(({ server, name }) => known.get(server)?.texts.get(name) as ToolText)
  }
}

/**
 * The texts of all tools of a catalogue, in its order. No server changes what is read of another.
 *
 * A sentence that a server repeats in a third of its tools and in three at least ("Only works within allowed directories")
 * tells nothing about one of them, and is left out.
 */
export function textsOf(tools: readonly HostedTool[]): ToolText[] {
  const read = tools.map((tool) => ({ tool, sentences: sentencesOf(tool.description) }))
  const words = rememberedWords()
  const repeated = repeatedSentences(read)
  return read.map(({ tool, sentences }) => {
    const told = sentences.filter((sentence) => !repeated.get(tool.server)?.has(sentence))
    const kept = told.length > 0 ? told : sentences
    const [server, own] = [words(tool.server), identifiersToWords(tool.tool)]
    const name = `${server} ${own}`.trim()
    const parameters = parametersOf(tool, words)
    const description = kept.join(' ')
    const called = parameters === '' ? name : `${name}: ${parameters}`
    const views = [`${name} ${description.slice(0, viewCharacters)}`, kept[0]?.slice(0, sentenceCharacters) ?? '', called]
    return {
      views: [...new Set(views.map((view) => view.trim()))].filter(isReadable),
      fields: [server, own, description, parameters],
    }
  })
}

/** The tools of a server have many parameters of one name. */
function rememberedWords(): (identifier: string) => string {
  const known = new Map<string, string>()
  return (identifier) => {
    const words = known.get(identifier) ?? identifiersToWords(stripInvisible(identifier))
    known.set(identifier, words)
    return words
  }
}

function parametersOf({ inputSchema }: HostedTool, words: (identifier: string) => string): string {
  const properties = inputSchema['properties']
  if (typeof properties !== 'object' || properties === null) return ''
  const names = Object.keys(properties).map((name) => words(name.slice(0, parameterCharacters)))
  return names.join(', ').slice(0, parameterCharacters)
}

export function isReadable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}

function sentencesOf(description: string): string[] {
  const text = stripInvisible(description.slice(0, readCharacters)).replace(/\s+/g, ' ').trim()
  return text.match(/.+?(?:[.!?:](?=\s|$)|[。！？]|$)/g)?.map((sentence) => sentence.trim()) ?? []
}

function repeatedSentences(read: readonly { tool: HostedTool; sentences: readonly string[] }[]): Map<string, Set<string>> {
  const repeated = new Map<string, Set<string>>()
  for (const [server, tools] of Map.groupBy(read, ({ tool }) => tool.server)) {
    const times = new Map<string, number>()
    for (const { sentences } of tools) {
      for (const sentence of new Set(sentences)) times.set(sentence, (times.get(sentence) ?? 0) + 1)
    }
    const least = Math.max(3, tools.length / 3)
    repeated.set(server, new Set([...times].filter(([, count]) => count >= least).map(([sentence]) => sentence)))
  }
  return repeated
}
