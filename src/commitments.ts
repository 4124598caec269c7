import { createHash } from 'node:crypto'
import { z } from 'zod'
import { anyPrincipal, commitmentRow, everyone, everyRow, type PrincipalFilter, type RowStore } from '../memory/index.ts'
import { consequences } from '../models/computer/consequence.ts'
import { createId } from '../models/ids.ts'
import { type Boundary, boundaryOf, type Held, holdsAgainst, holdsOnScreen } from '../policies/index.ts'
import type { Log } from './log.ts'
import { orWithout } from './or-without.ts'

const texts = z.array(z.string())
const commitmentSchema = z.object({
  id: z.string(),
  text: z.string(),
  state: z.enum(['active', 'proposed']),
  by: z.enum(['owner', 'caller', 'heard']),
  createdAt: z.number(),
  expiresAt: z.number(),
  boundary: z.object({
    tools: texts,
    domains: texts,
    consequences: z.array(z.enum(consequences)),
    deeds: texts,
    objects: z.array(texts),
  }),
})

/** A declared boundary, such as "never push to main". It holds until it ends or its owner lifts it. */
export type Commitment = z.output<typeof commitmentSchema>
export interface OwnedCommitment extends Commitment {
  /** Whose: a caller's, or `everyone`. */
  readonly principal: string
}

export interface Declaration {
  readonly text: string
  /** Patterns over tools, and sites, beside what the text says. */
  readonly tools?: readonly string[] | undefined
  readonly domains?: readonly string[] | undefined
  readonly days?: number | undefined
}

/** What a boundary says of something that is about to be done. */
export interface Objection {
  readonly held: Exclude<Held, undefined>
  readonly commitment: Commitment
  /** In a sentence. */
  readonly why: string
}

export interface Commitments {
  /** @throws {RangeError} If nothing in it says what must not be done. */
  declare(principal: string, by: 'owner' | 'caller', declaration: Declaration): Promise<Commitment>
  /** Notes a sentence of a person that sounds like a boundary: it binds nobody until its owner takes it up. */
  propose(principal: string, said: string): Promise<Commitment | undefined>
  list(whose: PrincipalFilter): Promise<OwnedCommitment[]>
  /** Takes up what was proposed. */
  accept(whose: PrincipalFilter, id: string): Promise<Commitment | undefined>
  /** By its owner alone: no tool of a client leads here. */
  lift(whose: PrincipalFilter, id: string): Promise<Commitment | undefined>
  /** What was heard and binds nobody goes with the words; what binds stays until its owner lifts it. */
  forget(principal: string, isMeant: (text: string) => boolean): Promise<number>
  /** Those that bind a caller now. */
  inForce(principal: string): Promise<Commitment[]>
}

interface Kept {
  /** When the row ends. */
  readonly until: number
  readonly commitment: OwnedCommitment
}

const dayMs = 86_400_000
const usualDays = 30
const proposedDays = 7
const mostOfCaller = 200
const mostKnown = 1000
const mostProposed = 20
const longestText = 300

export function createCommitments(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>): Commitments {
  async function readOf(whose: PrincipalFilter): Promise<Kept[]> {
    const found: Kept[] = []
    for await (const { principal, value, expiresAt = Number.POSITIVE_INFINITY } of everyRow<unknown>(rows, whose, commitmentRow)) {
      const read = commitmentSchema.safeParse(value).data
      if (read !== undefined) found.push({ until: expiresAt, commitment: { ...read, principal } })
    }
    return found
  }

  const living = (kept: readonly Kept[]) => kept.filter(({ until }) => until > clock()).map(({ commitment }) => commitment)
  const listOf = async (whose: PrincipalFilter) => living(await readOf(whose))

  /** As they were read since the last change of any row: each call of a tool asks for them. */
  let known = new Map<string, Kept[]>()
  let knownAt: string | undefined

  async function knownOf(principals: readonly string[]): Promise<OwnedCommitment[]> {
    const stamp = rows.stamp()
    if (stamp !== knownAt || known.size >= mostKnown) known = new Map()
    knownAt = stamp
    const now = known
    const found: OwnedCommitment[] = []
    for (const principal of principals) {
      const kept = now.get(principal) ?? (await readOf(principal))
      now.set(principal, kept)
      found.push(...living(kept))
    }
    return found
  }

  async function keep(principal: string, commitment: Commitment): Promise<Commitment> {
    await rows.put(principal, commitmentRow, commitment.id, commitment, { expiresAt: commitment.expiresAt })
    return commitment
  }

  async function note(principal: string, text: string, boundary: Boundary): Promise<Commitment | undefined> {
    // The same words are heard again with every turn: one row for them.
    const id = `heard-${createHash('sha256').update(`${principal}\n${text}`).digest('hex').slice(0, 32)}`
    const known = await listOf(principal)
    const same = known.find((one) => one.id === id || one.text === text)
    if (same !== undefined || known.filter(({ state }) => state === 'proposed').length >= mostProposed) return same
    const createdAt = clock()
    const expiresAt = createdAt + proposedDays * dayMs
    return keep(principal, asRow({ id, text, state: 'proposed', by: 'heard', createdAt, expiresAt, boundary }))
  }

  return {
    async declare(principal, by, { text, tools = [], domains = [], days = usualDays }) {
      const read = boundaryOf(text)
      if (read === undefined && tools.length + domains.length === 0)
        throw new RangeError(
          `Cannot keep a commitment: it must say what must not be done, such as "never push to main", or name tools or sites, received "${text.slice(0, 100)}"`,
        )
      if ((await listOf(principal)).length >= mostOfCaller)
        throw new RangeError(`Cannot keep a commitment: there are ${mostOfCaller} already, and one must be lifted first`)
      const none: Boundary = { tools: [], domains: [], consequences: [], deeds: [], objects: [] }
      // Named tools and sites say it better than words do.
      const boundary = tools.length + domains.length === 0 ? (read ?? none) : { ...none, tools, domains }
      return keep(
        principal,
        asRow({
          id: createId('commitment'),
          text: text.slice(0, longestText),
          state: 'active',
          by,
          createdAt: clock(),
          expiresAt: clock() + days * dayMs,
          boundary,
        }),
      )
    },

    async propose(principal, said) {
      for (const text of sentencesIn(said)) {
        const boundary = boundaryOf(text)
        if (boundary !== undefined)
          return orWithout(log, 'note what sounds like a boundary', undefined, () => note(principal, text, boundary))
      }
      return undefined
    },

    list: listOf,

    async accept(whose, id) {
      const found = (await listOf(whose)).find((one) => one.id === id && one.state === 'proposed')
      if (found === undefined) return undefined
      const { principal, ...commitment } = found
      return keep(principal, { ...commitment, state: 'active', expiresAt: clock() + usualDays * dayMs })
    },

    async lift(whose, id) {
      const found = (await listOf(whose)).find((one) => one.id === id)
      return found !== undefined && (await rows.delete(whose === anyPrincipal ? found.principal : whose, commitmentRow, id))
        ? found
        : undefined
    },

    async forget(principal, isMeant) {
      let removed = 0
      for (const { id, state, text } of await listOf(principal)) {
        if (state === 'proposed' && isMeant(text) && (await rows.delete(principal, commitmentRow, id))) removed += 1
      }
      return removed
    },

    async inForce(principal) {
      const found = await knownOf(principal === everyone ? [everyone] : [principal, everyone])
      return found.filter(({ state }) => state === 'active')
    },
  }
}

function asRow(commitment: Omit<Commitment, 'boundary'> & { readonly boundary: Boundary }): Commitment {
  const { tools, domains, consequences: done, deeds, objects } = commitment.boundary
  return {
    ...commitment,
    boundary: {
      tools: [...tools],
      domains: [...domains],
      consequences: [...done],
      deeds: [...deeds],
      objects: objects.map((words) => [...words]),
    },
  }
}

const longestHeard = 4000

function sentencesIn(said: string): string[] {
  return said
    .slice(0, longestHeard)
    .split(/(?<=[.!?])\s+|\n+/)
    .map((one) => one.trim())
    .filter((one) => one.length > 5 && one.length <= longestText && !one.endsWith('?'))
}

/** What stands against a call of a tool: the strictest; `undefined`: nothing. */
export function objectionTo(commitments: readonly Commitment[], doing: Parameters<typeof holdsAgainst>[1]): Objection | undefined {
  return strictestOf(commitments, (boundary) => holdsAgainst(boundary, doing))
}

/** What stands against an action on a screen. */
export function objectionOnScreen(commitments: readonly Commitment[], facts: Parameters<typeof holdsOnScreen>[1]): Objection | undefined {
  return strictestOf(commitments, (boundary) => holdsOnScreen(boundary, facts))
}

function strictestOf(commitments: readonly Commitment[], hold: (boundary: Boundary) => Held): Objection | undefined {
  const all = commitments.flatMap((commitment): Objection[] => {
    const held = hold(commitment.boundary)
    return held === undefined ? [] : [{ held, commitment, why: `"${commitment.text}" was laid down (${commitment.id})` }]
  })
  return all.find(({ held }) => held === 'deny') ?? all[0]
}
