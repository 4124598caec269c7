import { hash } from 'node:crypto'
import type { Region } from '../../models/computer/action.ts'

/** One element of a page as its accessibility tree names it. */
export interface PageNode {
  readonly ref: string | undefined
  readonly role: string
  readonly name: string
  /** Where a link leads. */
  readonly url?: string | undefined
  readonly box?: Region | undefined
  /** Keys go there. */
  readonly hasFocus: boolean
  /** Indices of the elements that it stands in, the outermost first. */
  readonly within: readonly number[]
}

/** What a browser server has said of a page. */
export interface PageSnapshot {
  readonly url: string | undefined
  /** Empty when only the address was told. */
  readonly nodes: readonly PageNode[]
  /** Of all that was said of it, as hexadecimal: values in fields and ticks are not among the nodes. */
  readonly digest: string
}

const mostLines = 5000

/** Reads the trees of Playwright (`- button "Buy" [ref=e5]`) and of Chrome's DevTools (`uid=1_5 button "Buy"`). */
export function parsePageSnapshot(text: string): PageSnapshot {
  const nodes: PageNode[] = []
  const open: { indent: number; index: number }[] = []
  let url = /^- Page URL: (\S+)/m.exec(text)?.[1]
  for (const line of text.split('\n', mostLines)) {
    const indent = line.length - line.trimStart().length
    const link = /^\s*- \/url: (.+)$/.exec(line)?.[1]
    if (link !== undefined) {
      const last = open.findLast((one) => one.indent < indent)
      const node = last && nodes[last.index]
      if (last !== undefined && node !== undefined) nodes[last.index] = { ...node, url: unquoted(link) }
      continue
    }
    const found = nodeOf(line)
    if (found === undefined) continue
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop()
    nodes.push({ ...found, within: open.map(({ index }) => index) })
    open.push({ indent, index: nodes.length - 1 })
    if (found.role === 'RootWebArea') url ??= found.url
  }
  return { url, nodes, digest: hash('sha256', text).slice(0, 16) }
}

function nodeOf(line: string): Omit<PageNode, 'within'> | undefined {
  const devtools = /^\s*uid=(\S+) (\S+)(?: "((?:[^"\\]|\\.)*)")?(.*)$/.exec(line)
  if (devtools !== null) {
    const [, ref, role = '', name = '', rest = ''] = devtools
    return { ref, role, name: plain(name), url: /(?:^|\s)url="([^"]*)"/.exec(rest)?.[1], hasFocus: /(?:^|\s)focused\b/.test(rest) }
  }
  const item = /^\s*- (.*)$/.exec(line)?.[1]
  if (item === undefined) return undefined
  // A key with a colon in it is quoted as a whole.
  const quoted = /^'((?:[^']|'')*)'(:.*)?$/.exec(item)
  const body = quoted === null ? item : `${(quoted[1] ?? '').replaceAll("''", "'")}${quoted[2] ?? ''}`
  const match = /^([a-z]+)(?: "((?:[^"\\]|\\.)*)")?((?: \[[^\]]*\])*)(?::\s*(.*))?$/i.exec(body)
  if (match === null) return undefined
  const [, role = '', name, attributes = '', content = ''] = match
  const [left, top, width, height] = (/\[box=([^\]]+)\]/.exec(attributes)?.[1] ?? '').split(',').map(Number)
  const isBoxed = width !== undefined && height !== undefined && left !== undefined && top !== undefined
  return {
    ref: /\[ref=([^\]]+)\]/.exec(attributes)?.[1],
    role,
    name: plain(name ?? unquoted(content)),
    hasFocus: attributes.includes('[active]'),
    ...(isBoxed && { box: { left, top, right: left + width, bottom: top + height } }),
  }
}

function plain(name: string): string {
  return name.replace(/\\(.)/g, '$1').replace(/\s+/g, ' ').trim()
}

function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text.trim())?.[1]?.replace(/\\(.)/g, '$1') ?? text.trim()
}
