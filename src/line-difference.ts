/**
 * What changes between two texts, by lines: `-` goes, `+` comes, and a few lines around them stay for orientation.
 *
 * The longest common subsequence is taken between the first and the last line that differ; where that is too large to
 * compare, the whole middle is shown as gone and come.
 */
export function lineDifference(before: string, after: string, { around = 2 }: { around?: number } = {}): string {
  const old = linesOf(before)
  const young = linesOf(after)
  let start = 0
  while (start < old.length && start < young.length && old[start] === young[start]) start++
  let end = 0
  while (end < old.length - start && end < young.length - start && old.at(-1 - end) === young.at(-1 - end)) end++

  const changes = middle(old.slice(start, old.length - end), young.slice(start, young.length - end))
  const head = old.slice(0, start).map((line) => `  ${line}`)
  const tail = end === 0 ? [] : old.slice(-end).map((line) => `  ${line}`)
  return onlyAround([...head, ...changes, ...tail], around).join('\n')
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
}

const largest = 4_000_000

function middle(old: readonly string[], young: readonly string[]): string[] {
  if (old.length * young.length > largest) return [...old.map((line) => `- ${line}`), ...young.map((line) => `+ ${line}`)]
  // common[i][j]: the length of the longest common subsequence of old from i and young from j.
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(young.length + 1))
  const at = (i: number, j: number) => common[i]?.[j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    const row = common[i]
    if (row === undefined) continue
    for (let j = young.length - 1; j >= 0; j--) row[j] = old[i] === young[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  }
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      lines.push(`  ${old[i]}`)
      i++
      j++
    } else if (i < old.length && (j === young.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`- ${old[i++]}`)
    else lines.push(`+ ${young[j++]}`)
  }
  return lines
}

function onlyAround(lines: readonly string[], around: number): string[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - around), index + around + 1).some((line) => !line.startsWith('  ')))
  return lines.flatMap((line, index) => {
    if (near[index] === true) return [line]
    return index === 0 || near[index - 1] === true ? ['  ...'] : []
  })
}
