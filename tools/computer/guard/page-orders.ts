import { setImmediate } from 'node:timers/promises'
import type { ComputerAction } from '../../../models/computer/action.ts'
import { scoreOf } from '../../../models/local/detect/index.ts'
import { ordersIn } from './order-texts.ts'
import type { Finding } from './verdict.ts'

/** A text of a page that gives orders to whoever reads it. */
export interface PageOrder {
  /** The page's host. */
  readonly from: string
  readonly says: string
  readonly text: string
}

const limit = 0.6
const shortest = 20
const mostLines = 1500
const longestLine = 4000
const longestPieceMs = 8

/**
 * Looks for orders line by line, and in each line with the one below it, where a heading and its text stand. A long page is read in
 * pieces, between which others have their turn.
 */
export async function findOrders(text: string, from: string): Promise<PageOrder[]> {
  const found: PageOrder[] = []
  const lines = text.split('\n', mostLines).map(contentOf)
  let since = performance.now()
  for (const [index, line] of lines.entries()) {
    if (line.length < shortest) continue
    if (performance.now() - since > longestPieceMs) {
      await setImmediate()
      since = performance.now()
    }
    const order = orderIn(line, lines[index + 1] ?? '')
    if (order !== undefined) found.push({ ...order, from })
  }
  return found
}

function orderIn(line: string, next: string): Omit<PageOrder, 'from'> | undefined {
  const findings = ordersIn(line)
  if (findings.length === 0) return undefined
  const both = `${line}\n${next}`
  const all = scoreOf(findings) >= limit ? findings : ordersIn(both)
  if (scoreOf(all) < limit) return undefined
  return { says: [...new Set(all.map(({ says }) => says))].join(', and '), text: folded(both) }
}

/** A line of a tree without what the tree itself adds. */
function contentOf(line: string): string {
  return line
    .slice(0, longestLine)
    .replace(/ \[(?:ref|cursor|level|box|active|checked|selected|disabled|expanded)\b[^\]]*\]/g, '')
    .replace(/^\s*(?:- [a-z]+\b:?|uid=\S+ \S+)/, '')
    .trim()
}

export interface OrdersInput {
  readonly action: ComputerAction
  readonly label?: string | undefined
  /** Whether it has consequences by its words. */
  readonly isConsequential: boolean
  readonly orders: readonly PageOrder[]
}

/** What such a text has named is not done; anything else of consequence is asked about from then on. */
export function checkOrders({ action, label, isConsequential, orders }: OrdersInput): Finding[] {
  const named = namedBy(action, isConsequential ? label : undefined)
  const ordered = orders.find(({ text }) => named.some((one) => text.includes(one)))
  if (ordered !== undefined) {
    const reason = `a text on ${ordered.from} ${ordered.says}, and this is what it names`
    return [{ layer: 'screen', verdict: 'deny', code: 'ordered-by-page', reason }]
  }
  const [first] = orders
  if (first === undefined || !(isConsequential || action.type === 'navigate')) return []
  const reason = `a text that was read on ${first.from} ${first.says}`
  return [{ layer: 'screen', verdict: isConsequential ? 'confirm' : 'allow', code: 'screen-injection', reason }]
}

/** The words of an action that a text would have to name, folded. */
function namedBy(action: ComputerAction, label: string | undefined): string[] {
  const words = label === undefined || label.length < 4 ? [] : [label]
  if (action.type === 'navigate') {
    const url = URL.parse(action.url)
    return url === null ? [] : [folded(url.href.replace(/\/$/, '')), folded(url.host)].filter((one) => one.length >= 4)
  }
  if (action.type === 'type') words.push(...(action.text.match(/[^\s"'<>,;()]{8,}/g) ?? []).filter((word) => /[@./\d]/.test(word)))
  return words.map(folded)
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')
}
