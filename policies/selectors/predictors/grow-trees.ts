/** What trees are grown from: a table of columns, what splits are sought by, and the scores that leaves keep. */
export interface Growth {
  readonly rows: number
  /** Column after column. */
  readonly columns: readonly Float32Array[]
  /** Row after row, `targetCount` each. */
  readonly targets: Float32Array
  readonly targetCount: number
  /** Row after row, an output for each of `means`; `NaN` where nothing is known. */
  readonly scores: Float32Array
  /** What an output has on the whole. */
  readonly means: Float32Array
  readonly leafRows: number
}

/** Trees in flat form. A node is four numbers: column, threshold, and the nodes for less and for not less; or -1 and the leaf. */
export interface Trees {
  readonly roots: number[]
  readonly nodes: number[]
  /** A leaf's score of each output, and then the number of its rows. */
  readonly leaves: number[]
}

/** Of all columns, how many are tried for a split. */
const triedShare = 0.35
/** A leaf's score counts its parent's as so many outcomes: few outcomes alone say little. */
const parentOutcomes = 2
const nodeNumbers = 4

interface Pending {
  readonly start: number
  readonly end: number
  /** Scores of the node above. */
  readonly above: Float64Array
  readonly place: number
}

/** Grows one extremely randomised tree on all rows: of some columns with one threshold by chance each, the best splits. */
export function growTree(growth: Growth, trees: Trees, random: () => number): void {
  const rows = Int32Array.from({ length: growth.rows }, (_, row) => row)
  const pending: Pending[] = [{ start: 0, end: growth.rows, above: Float64Array.from(growth.means), place: reserve(trees) }]
  trees.roots.push(pending[0]?.place ?? 0)
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { start, end, above, place } = node
    const own = scoresOf(growth, rows.subarray(start, end), above)
    const split = end - start < 2 * growth.leafRows ? undefined : bestSplit(growth, rows.subarray(start, end), random)
    if (split === undefined) {
      write(trees, place, [-1, trees.leaves.length / (own.length + 1), 0, 0])
      trees.leaves.push(...own, end - start)
      continue
    }
    const middle = start + partition(rows.subarray(start, end), growth.columns[split.column] as Float32Array, split.threshold)
    const [less, more] = [reserve(trees), reserve(trees)]
    write(trees, place, [split.column, split.threshold, less, more])
    pending.push({ start, end: middle, above: own, place: less }, { start: middle, end, above: own, place: more })
  }
}

/** The place of the leaf that a row comes to. */
export function leafOf(nodes: Float32Array, root: number, row: Float32Array): number {
  let place = root * nodeNumbers
  for (;;) {
    const column = nodes[place] as number
    if (column < 0) return nodes[place + 1] as number
    const next = (row[column] as number) < (nodes[place + 1] as number) ? nodes[place + 2] : nodes[place + 3]
    place = (next as number) * nodeNumbers
  }
}

/** Says what is wrong with trees that come from outside: each way must end in a leaf that is there. */
export function faultOfTrees(nodes: Float32Array, roots: readonly number[], columns: number, leaves: number): string | undefined {
  if (nodes.length % nodeNumbers !== 0) return 'its trees are cut off'
  const count = nodes.length / nodeNumbers
  if (roots.some((root) => root >= count)) return 'a tree is missing'
  for (let node = 0; node < count; node += 1) {
    const [column = 0, value = 0, less = 0, more = 0] = nodes.subarray(node * nodeNumbers, (node + 1) * nodeNumbers)
    const isLeaf = column === -1 && Number.isInteger(value) && value >= 0 && value < leaves
    const leadsOn = (next: number) => Number.isInteger(next) && next > node && next < count
    const isSplit = Number.isInteger(column) && column >= 0 && column < columns && leadsOn(less) && leadsOn(more)
    if (!isLeaf && !isSplit) return 'a tree leads nowhere'
  }
  return undefined
}

function reserve({ nodes }: Trees): number {
  nodes.push(0, 0, 0, 0)
  return nodes.length / nodeNumbers - 1
}

function write({ nodes }: Trees, place: number, numbers: readonly number[]): void {
  for (const [index, number] of numbers.entries()) nodes[place * nodeNumbers + index] = number
}

function scoresOf({ scores, means }: Growth, rows: Int32Array, above: Float64Array): Float64Array {
  const outputs = means.length
  const sums = new Float64Array(outputs)
  const counts = new Float64Array(outputs)
  for (const row of rows) {
    for (let output = 0; output < outputs; output += 1) {
      const score = scores[row * outputs + output] as number
      if (Number.isNaN(score)) continue
      sums[output] = (sums[output] as number) + score
      counts[output] = (counts[output] as number) + 1
    }
  }
  return above.map((parent, output) => ((sums[output] as number) + parentOutcomes * parent) / ((counts[output] as number) + parentOutcomes))
}

interface Split {
  readonly column: number
  readonly threshold: number
}

function bestSplit(growth: Growth, rows: Int32Array, random: () => number): Split | undefined {
  const { columns, leafRows, targets } = growth
  const outputs = growth.targetCount
  const total = sumsOf(targets, rows, outputs)
  const left = new Float64Array(outputs)
  const order = Int32Array.from({ length: columns.length }, (_, column) => column)
  let tries = Math.max(1, Math.round(columns.length * triedShare))
  let best: (Split & { gain: number }) | undefined
  for (let drawn = 0; drawn < order.length && tries > 0; drawn += 1) {
    const other = drawn + Math.floor(random() * (order.length - drawn))
    const column = order[other] as number
    order[other] = order[drawn] as number
    const values = columns[column] as Float32Array
    const threshold = thresholdOf(values, rows, random)
    if (threshold === undefined) continue
    tries -= 1
    left.fill(0)
    let count = 0
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] as number
      if ((values[row] as number) >= threshold) continue
      count += 1
      const start = row * outputs
      for (let output = 0; output < outputs; output += 1) left[output] = (left[output] as number) + (targets[start + output] as number)
    }
    if (count < leafRows || rows.length - count < leafRows) continue
    let gain = 0
    for (let output = 0; output < outputs; output += 1) {
      const [less, more] = [left[output] as number, (total[output] as number) - (left[output] as number)]
      gain += (less * less) / count + (more * more) / (rows.length - count)
    }
    if (best === undefined || gain > best.gain) best = { column, threshold, gain }
  }
  return best
}

/** Between the least and the largest value by chance; `undefined` when all rows have one value. */
function thresholdOf(values: Float32Array, rows: Int32Array, random: () => number): number | undefined {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let index = 0; index < rows.length; index += 1) {
    const value = values[rows[index] as number] as number
    if (value < least) least = value
    if (value > most) most = value
  }
  return least === most ? undefined : Math.fround(most - (most - least) * random())
}

function sumsOf(targets: Float32Array, rows: Int32Array, outputs: number): Float64Array {
  const sums = new Float64Array(outputs)
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number
    for (let output = 0; output < outputs; output += 1) {
      sums[output] = (sums[output] as number) + (targets[row * outputs + output] as number)
    }
  }
  return sums
}

/** Rows below the threshold first; gives how many those are. */
function partition(rows: Int32Array, values: Float32Array, threshold: number): number {
  let below = 0
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number
    if ((values[row] as number) >= threshold) continue
    rows[index] = rows[below] as number
    rows[below] = row
    below += 1
  }
  return below
}
