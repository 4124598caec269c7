import { findInjection } from '../models/local/detect/index.ts'
import { type Part, textOf } from '../models/message.ts'
import { spokenBy } from '../models/speaker.ts'
import { toolResultDocument, turnDocument } from './kinds.ts'
import { cutIntoPieces } from './pieces.ts'
import { statementsIn } from './statements.ts'
import type { StoredDocument } from './store.ts'
import type { NewTurn } from './threads.ts'
import { lowerTrust } from './trust.ts'

/** The thread keeps a turn whole; what can be found of it is its beginning: about 10,000 tokens said, 5,000 of each tool's result. */
const maxPiecesSaid = 50
const maxPiecesOfResult = 25

/** What makes a turn findable: its words, and what tools returned apart from them, since nobody vouches for that. */
export function documentsOfTurn(
  turn: NewTurn & { id: string; at: number },
  { thread, project, estimateTokens }: { thread: string; project?: string | undefined; estimateTokens: (text: string) => number },
): Omit<StoredDocument, 'principal'>[] {
  const facts = { role: turn.role, ...(turn.model !== undefined && { model: turn.model }) }
  const common = { thread, project, createdAt: turn.at }
  const said = cutIntoPieces(textOf(turn.content), { estimateTokens, maxPieces: maxPiecesSaid }).map((piece, index, { length }) => ({
    ...common,
    ...(length === 1 ? { id: turn.id } : { id: `${turn.id}.${index + 1}`, pieceOf: turn.id }),
    kind: turnDocument,
    // Each piece says who speaks: that is how whom a query names is found, and what is stated is theirs.
    text: spokenBy(turn.speaker, piece),
    trust: turn.trust,
    facts,
    // What a model says of somebody it has from others.
    ...(turn.role === 'user' && { statements: statementsIn(spokenBy(turn.speaker, piece), { at: turn.at }) }),
  }))
  const results = turn.content.filter((part) => part.type === 'tool-result')
  return said.concat(
    results.flatMap((result, number) =>
      cutIntoPieces(textOf(result.content), { estimateTokens, maxPieces: maxPiecesOfResult }).map((text, index) => ({
        ...common,
        id: `${turn.id}.r${number + 1}.${index + 1}`,
        pieceOf: turn.id,
        kind: toolResultDocument,
        text,
        trust: lowerTrust(turn.trust, 'external'),
        facts: { ...facts, tool: result.name, ...(givesOrders(text) && { flagged: true }) },
      })),
    ),
  )
}

/** By known wordings, since a turn is stored in the way of its answer. */
function givesOrders(text: string): boolean {
  return findInjection(text).score >= flaggedFrom
}

const flaggedFrom = 0.6

/** The first words of a turn, on one line. */
export function titleOf(content: readonly Part[]): string {
  const line = textOf(content).replace(/\s+/g, ' ').trim()
  return line.length <= maxTitle ? line : `${line.slice(0, maxTitle - 1).trimEnd()}…`.toWellFormed()
}

const maxTitle = 80
