import { anyRelation, type HeldStatement } from '../statement.ts'
import type { Trust } from '../store.ts'
import { isAtLeast } from '../trust.ts'
import type { Connection } from './connection.ts'

interface StatementRow {
  number: number
  document: string
  trust: Trust
  subject: string
  relation: string
  value: string
  valid_from: number
  ends: number
  many: number
  by: string | null
}

/** Of one relation so many are compared, the newest: who says something else each day has had many values. */
const mostOfRelation = 100

/**
 * What documents say, each with the moment from which it holds no longer.
 *
 * That moment is not written down: it follows from what else is said, so that an older text which comes in late finds its place, and what
 * is forgotten ends nothing any more. A text of lower trust ends nothing that a text of higher trust says.
 */
export function heldStatements({ sql }: Connection, owner: number, ids: readonly string[]): HeldStatement[] {
  const columns = 's.number, d.id AS document, d.trust, s.subject, s.relation, s.value, s.valid_from, s.ends, s.many, s.by'
  const said = sql<unknown[], StatementRow>(
    `SELECT ${columns} FROM documents d JOIN statements s ON s.document = d.number
     WHERE d.principal = ? AND d.id IN (SELECT value FROM json_each(?)) ORDER BY s.number`,
  ).all(owner, JSON.stringify(ids))
  const related = new Map<string, StatementRow[]>()
  const ofRelation = (subject: string, relation: string): StatementRow[] => {
    const key = JSON.stringify([subject, relation])
    const known = related.get(key)
    if (known !== undefined) return known
    const rows = sql<unknown[], StatementRow>(
      `SELECT ${columns} FROM statements s JOIN documents d ON d.number = s.document
       WHERE s.principal = ? AND s.subject = ? AND s.relation = ? ORDER BY s.valid_from DESC, s.number DESC LIMIT ${mostOfRelation}`,
    ).all(owner, subject, relation)
    const oldestFirst = rows.toReversed()
    related.set(key, oldestFirst)
    return oldestFirst
  }
  return said.map((row) => {
    const ending = [...ofRelation(row.subject, row.relation), ...ofRelation(row.subject, anyRelation)].filter(
      (other) => isLater(other, row) && endsIt(other, row),
    )
    const end = row.ends === 1 ? undefined : ending.toSorted((left, right) => left.valid_from - right.valid_from)[0]
    return {
      document: row.document,
      trust: row.trust,
      subject: row.subject,
      relation: row.relation,
      value: row.value,
      validFrom: row.valid_from,
      ...(row.ends === 1 && { ends: true }),
      ...(row.many === 1 && { many: true }),
      ...(row.by !== null && { by: row.by }),
      ...(end !== undefined && { validTo: end.valid_from, endedBy: end.document }),
    }
  })
}

function isLater(other: StatementRow, one: StatementRow): boolean {
  return other.valid_from > one.valid_from || (other.valid_from === one.valid_from && other.number > one.number)
}

function endsIt(other: StatementRow, one: StatementRow): boolean {
  if (!isAtLeast(other.trust, one.trust)) return false
  const [left, right] = [plain(other.value), plain(one.value)]
  if (other.ends === 1) return left === right || holdsWord(right, left) || holdsWord(left, right)
  return one.many === 0 && other.many === 0 && left !== right
}

function plain(value: string): string {
  return value
    .toLowerCase()
    .replace(/^(?:the|a|an|my|our) /, '')
    .trim()
}

/** `the library` ends `the city library`. */
function holdsWord(whole: string, part: string): boolean {
  return ` ${whole} `.includes(` ${part} `)
}
