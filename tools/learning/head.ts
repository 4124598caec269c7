import type { LearnedNeed } from './outcome.ts'

/** A softmax over tools, from a need's vector and its words. */
export interface Head {
  /** How many tools it tells apart. */
  readonly tools: number
  readonly width: number
  /** Known words, with the weight of each. */
  readonly vocabulary: readonly string[]
  readonly rarity: readonly number[]
  /** Rows of `width` numbers a tool, then rows of `tools` numbers a word, then one number a tool. */
  readonly numbers: Float32Array
}

/** One need and how it is shared out among the tools that served it. */
export interface HeadExample {
  readonly need: LearnedNeed
  readonly shares: readonly { readonly tool: number; readonly share: number }[]
}

// Chosen on the tuned half of MetaTool.
const vectorScale = 4
const wordScale = 3
const rounds = 6
const step = 0.12
// Gradients below it are left out: after the first round nearly all are, and what remains decides.
const leastGradient = 0.002
// Bounds the numbers of the head: 4,096 words and 500 tools are 8 MB.
const mostWords = 4096

/** Trains in rounds; `pause` is called after each few needs, and may throw to stop. */
export async function trainHead(examples: readonly HeadExample[], tools: number, pause: (share: number) => Promise<void>): Promise<Head> {
  const width = examples[0]?.need.vector.length ?? 0
  const { vocabulary, rarity } = vocabularyOf(examples)
  const numbers = new Float32Array(tools * width + vocabulary.length * tools + tools)
  const head = { tools, width, vocabulary, rarity, numbers }
  const squares = new Float32Array(numbers.length).fill(1e-6)
  const wordsOf = wordReader(head)
  const read = examples.map(({ need }) => wordsOf(need.words))
  const order = shuffled(examples.length)
  const [wordStart, biasStart] = [tools * width, tools * (width + vocabulary.length)]

  const move = (at: number, gradient: number, rate: number) => {
    const square = (squares[at] as number) + gradient * gradient
    squares[at] = square
    numbers[at] = (numbers[at] as number) - (rate * gradient) / Math.sqrt(square)
  }

  for (let round = 0; round < rounds; round += 1) {
    for (const [done, index] of order.entries()) {
      const rate = step * (1 - (round + done / order.length) / rounds)
      const { need, shares } = examples[index] as HeadExample
      const words = read[index] as readonly WordValue[]
      const gradients = softmax(logitsOf(head, need.vector, words))
      for (const { tool, share } of shares) gradients[tool] = (gradients[tool] as number) - share
      for (let tool = 0; tool < tools; tool += 1) {
        const gradient = gradients[tool] as number
        if (Math.abs(gradient) < leastGradient) continue
        const start = tool * width
        for (let at = 0; at < width; at += 1) move(start + at, gradient * vectorScale * (need.vector[at] as number), rate)
        for (const { word, value } of words) move(wordStart + word * tools + tool, gradient * value, rate)
        move(biasStart + tool, gradient, rate)
      }
      if (done % 16 === 0) await pause((round + done / order.length) / rounds)
    }
  }
  return head
}

/** The logarithms of the shares that the head gives to each tool. */
export function createHeadReader(head: Head): (need: LearnedNeed) => Float64Array {
  const wordsOf = wordReader(head)
  return ({ vector, words }) => softmax(logitsOf(head, vector, wordsOf(words))).map((share) => Math.log(share + 1e-6))
}

interface WordValue {
  readonly word: number
  readonly value: number
}

function wordReader({ vocabulary, rarity }: Pick<Head, 'vocabulary' | 'rarity'>): (words: readonly string[]) => WordValue[] {
  const places = new Map(vocabulary.map((word, place) => [word, place]))
  return (words) => {
    const known = [...new Set(words)].flatMap((word) => places.get(word) ?? [])
    const length = Math.sqrt(known.reduce((sum, word) => sum + (rarity[word] as number) ** 2, 0))
    return known.map((word) => ({ word, value: (wordScale * (rarity[word] as number)) / length }))
  }
}

function vocabularyOf(examples: readonly HeadExample[]): { vocabulary: string[]; rarity: number[] } {
  const counts = new Map<string, number>()
  for (const { need } of examples) for (const word of new Set(need.words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const common = [...counts]
    .filter(([, count]) => count > 1)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, mostWords)
  return {
    vocabulary: common.map(([word]) => word),
    rarity: common.map(([, count]) => Math.log(1 + (examples.length - count + 0.5) / (count + 0.5))),
  }
}

function logitsOf({ tools, width, vocabulary, numbers }: Head, vector: Float32Array, words: readonly WordValue[]): Float64Array {
  const logits = new Float64Array(tools)
  const [wordStart, biasStart] = [tools * width, tools * (width + vocabulary.length)]
  for (let tool = 0; tool < tools; tool += 1) {
    const start = tool * width
    let even = 0
    let odd = 0
    for (let at = 0; at + 1 < width; at += 2) {
      even += (numbers[start + at] as number) * (vector[at] as number)
      odd += (numbers[start + at + 1] as number) * (vector[at + 1] as number)
    }
    if (width % 2 === 1) even += (numbers[start + width - 1] as number) * (vector[width - 1] as number)
    logits[tool] = vectorScale * (even + odd) + (numbers[biasStart + tool] as number)
  }
  for (const { word, value } of words) {
    const start = wordStart + word * tools
    for (let tool = 0; tool < tools; tool += 1) logits[tool] = (logits[tool] as number) + value * (numbers[start + tool] as number)
  }
  return logits
}

function softmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY)
  const powers = logits.map((value) => Math.exp(value - most))
  const total = powers.reduce((sum, value) => sum + value, 0)
  return powers.map((value) => value / total)
}

/** An order that is the same each time and follows nothing else. */
function shuffled(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  let state = 1
  for (let index = count - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1
    const other = state % (index + 1)
    const held = order[index] as number
    order[index] = order[other] as number
    order[other] = held
  }
  return order
}
