import { anchorOf } from '../../scripts/docs-site/headings.ts'

/** A table of a document, without the marks of Markdown. */
export interface Table {
  /** The document and the heading above: `measurements.md#recall`. */
  readonly place: string
  readonly head: readonly string[]
  /** The label comes first. */
  readonly rows: readonly (readonly string[])[]
}

/** Where the first cell of a row is empty, it is one more of the row above, and its label has the second cell too. */
export function tablesOf(name: string, text: string): Table[] {
  const tables: { place: string; head: string[]; rows: string[][] }[] = []
  let anchor = ''
  let isInside = false
  let group = ''
  for (const line of text.split('\n')) {
    const heading = /^#+ (.*)$/.exec(line)?.[1]
    if (heading !== undefined) anchor = anchorOf(heading)
    const isRow = line.startsWith('|')
    const cells = line.trim().slice(1, -1).split('|').map(plain)
    if (isRow && !isInside) tables.push({ place: `${name}#${anchor}`, head: numbered(cells), rows: [] })
    else if (isRow && !cells.every((cell) => /^:?-+:?$/.test(cell))) {
      const [label = '', ...others] = cells
      if (label !== '') group = label
      tables.at(-1)?.rows.push([label === '' ? `${group}, ${others[0]}` : label, ...others])
    }
    isInside = isRow
  }
  return tables.map(({ rows, ...table }) => {
    const labels = numbered(rows.map(([label = '']) => label))
    return { ...table, rows: rows.map(([, ...cells], index) => [labels[index] ?? '', ...cells]) }
  })
}

/** What is there twice is told apart: `of several turns`, `of several turns (2)`. */
function numbered(names: readonly string[]): string[] {
  return names.map((name, at) => {
    const before = names.slice(0, at).filter((one) => one === name).length
    return before === 0 ? name : `${name} (${before + 1})`
  })
}

function plain(cell: string): string {
  return cell
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
}
