import type { Embedder } from '../models/embedder.ts'
import { createId } from '../models/ids.ts'
import { MemoryError } from './errors.ts'
import { evidenceOf } from './evidence.ts'
import { type ForgetFilter, type Forgotten, forget } from './forget.ts'
import { everyone, factDocument, summaryDocument, threadRow, toolResultDocument, turnDocument } from './kinds.ts'
import { cutIntoPieces } from './pieces.ts'
import { type Question, readQuestion } from './question.ts'
import { ownScore, rank, type Scored, saysNoMore, windowSize, withoutDoubles, withoutFiller, withSummaries } from './scoring.ts'
import type { HeldStatement } from './statement.ts'
import { statementsIn } from './statements.ts'
import type { Store, StoredDocument, Trust } from './store.ts'
import { resolveThread } from './thread-rows.ts'
import { lowerTrust } from './trust.ts'
import { type Asked, askedIn, asksForPast, concerns, inOrderOfValidity, successions } from './validity.ts'

/** Something remembered that may answer a query. */
export interface RecalledItem {
  readonly id: string
  readonly text: string
  /** 0–1. */
  readonly score: number
  /** `turn of <thread>`, `summary of <thread> by <model>`, `fact`, `result of <tool>`, `note for everyone`. */
  readonly source: string
  readonly trust: Trust
  readonly createdAt: number
  /** Where it was said, or for which it was kept. */
  readonly thread?: string | undefined
  /** Who said it, of a turn. */
  readonly role?: 'user' | 'assistant' | undefined
  /** Whether it was remembered where private data had been read. */
  readonly private?: boolean | undefined
  /** Whether it gives orders to whoever reads it. */
  readonly flagged?: boolean | undefined
  /** What it says of what was asked for. */
  readonly facts?: readonly RecalledFact[] | undefined
  /** Since when what it says of that holds no longer, as far as anything newer says so. */
  readonly validTo?: number | undefined
}

export type RecalledFact = Pick<HeldStatement, 'subject' | 'relation' | 'value' | 'validFrom' | 'validTo'>

/** `thread`: only that thread. `project`: its threads, and what was kept for it. `caller`: everything of the principal, and what is there for everyone. `everyone`: that alone. */
export type MemoryScope = 'thread' | 'project' | 'caller' | 'everyone'

export interface RecallQuery {
  query: string
  scope?: MemoryScope | undefined
  /** Needed by scope `thread`. With scope `caller` it is where the caller is: what was kept for another thread alone is left out. */
  thread?: string | undefined
  /** Needed by scope `project`. With scope `caller` it is where the caller is, `null` for none: what was kept for another one alone is left out. */
  project?: string | null | undefined
  limit?: number | undefined
  maxTokens?: number | undefined
  /** Ids that the caller has already. */
  exclude?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

export interface Recalled {
  readonly items: RecalledItem[]
  /** Whether there were vectors, or only words. */
  readonly searched: 'hybrid' | 'lexical'
  /** 0–1: how surely the items hold what was asked for. */
  readonly evidence: number
}

export interface Recall {
  /** Vectors and words together, best first. */
  recall(principal: string, query: RecallQuery): Promise<Recalled>
  /** @returns The ids of what was stored: long texts are stored in pieces. */
  remember(
    principal: string,
    memory: {
      text: string
      scope: MemoryScope
      thread?: string | undefined
      /** Needed by scope `project`. */
      project?: string | undefined
      trust: Trust
      source?: string | undefined
      /** Whether it comes from where private data had been read. */
      private?: boolean | undefined
      /** Whether it gives orders to whoever reads it: such a text is nobody's word. */
      flagged?: boolean | undefined
    },
  ): Promise<string[]>
  /**
   * Really gone when it resolves: rows, words, vectors and free pages. Exactly one condition is given; what another principal
   * has, or nobody, counts as nothing. A piece takes what it was cut from along, and what was decided on it.
   */
  forget(principal: string, filter: ForgetFilter): Promise<Forgotten>
}

export interface RecallOptions {
  /** Without one, memory is searched by words alone. */
  embedder: Embedder | undefined
  estimateTokens: (text: string) => number
  /** Of what was remembered on request, so many pieces a principal: whoever fills the store fills their own part alone. */
  maxMemories?: number | undefined
  clock?: (() => number) | undefined
  log?: { warn(message: string, facts?: Readonly<Record<string, unknown>>): void } | undefined
}

const defaultLimit = 5
/** Candidates that are looked at more closely, whatever the limit. */
const minCandidates = 50
/** Of the best candidates, those whose neighbours are looked at. */
const minWindows = 20
/** Values of one relation after another that are followed. */
const longestChain = 4
const maxPiecesOfMemory = 1000
/** Longer queries say no more: an embedder reads a few hundred words, and the longest words are what is looked up. */
const maxQueryLength = 8000

export function createRecall(
  store: Store,
  { embedder, estimateTokens, maxMemories = Number.POSITIVE_INFINITY, clock = store.now, log }: RecallOptions,
): Recall {
  let warned = false
  const goOnByWords = (error: unknown) => {
    // Said once until it works again: every step asks.
    if (!warned) log?.warn('Cannot search memory by meaning; it is searched by words', { error })
    warned = true
    return undefined
  }

  const embedQuery = async (query: string, signal: AbortSignal | undefined) => {
    if (embedder === undefined) return undefined
    try {
      const [values] = await embedder.embed([query], { priority: 'query', signal })
      return values && { embedderId: embedder.id, values }
    } catch (error) {
      signal?.throwIfAborted()
      return goOnByWords(error)
    }
  }

  return {
    async recall(principal, { query: asked, scope, thread, project, limit = defaultLimit, maxTokens, exclude, signal }) {
      signal?.throwIfAborted()
      const query = asked.slice(0, maxQueryLength)
      const within =
        scope === 'thread' || (scope === undefined && thread !== undefined) ? await requireThread(principal, thread, 'recall') : undefined
      const inProject = scope === 'project' ? requireProject(project, 'recall') : undefined
      if (query.trim() === '') return { items: [], searched: embedder === undefined ? 'lexical' : 'hybrid', evidence: 0 }

      const question = await readQuestion(store.documents, principal, query, clock())
      // Words are looked up while the query is embedded.
      const embedding = embedQuery(question.meaning, signal)
      // A search that ends before it would leave its failure to nobody.
      embedding.catch(() => undefined)
      let isComparable = true
      const owners =
        within !== undefined || inProject !== undefined ? [principal] : scope === 'everyone' ? [everyone] : [principal, everyone]
      const searchOf = (owner: string, vector?: typeof embedding) =>
        store.documents.search({
          principal: owner,
          text: query,
          vector,
          thread: within,
          project: inProject,
          exclude,
          limit: Math.max(minCandidates, limit * 4),
          around: { distance: windowSize, of: Math.max(minWindows, limit), score: (hit) => ownScore(hit, vector !== undefined) },
        })
      const search = async (vector?: typeof embedding) => (await Promise.all(owners.map((owner) => searchOf(owner, vector)))).flat()
      const hits = await search(embedding).catch((error: unknown) => {
        // An endpoint that changed its model under the same name: its vectors do not fit those that are stored.
        if (!(error instanceof RangeError)) throw error
        goOnByWords(error)
        isComparable = false
        return search()
      })
      const vector = isComparable ? await embedding : undefined
      if (vector !== undefined) warned = false
      signal?.throwIfAborted()
      const isElsewhere = ({ kind, thread: kept, project: keptFor }: StoredDocument) =>
        scope === 'caller' &&
        kind === factDocument &&
        ((thread !== undefined && kept !== undefined && kept !== thread) ||
          (project !== undefined && keptFor !== undefined && kept === undefined && keptFor !== project))
      const allows = (document: StoredDocument) =>
        document.trust !== 'hostile' &&
        !isElsewhere(document) &&
        (within === undefined || document.thread === within) &&
        (inProject === undefined || document.project === inProject)
      const allowed = hits.filter(({ document }) => allows(document))
      const scored = rank(allowed, { question, now: clock(), hybrid: vector !== undefined })
      const stated = await statedIn(principal, scored)
      const concern = askedIn(query)
      const ranked = await byValidity(principal, scored, stated, { question, asked: concern, allows, exclude })
      // Whoever asks again must not find their own question instead of what answers it: it does not say what the best is.
      const [summaries, said] = partition(ranked, ({ document }) => document.kind === summaryDocument)
      const [echoes, others] = partition(withoutDoubles(said, limit), ({ document: { kind, facts, text } }) => {
        return kind === turnDocument && facts['role'] === 'user' && saysNoMore(text, query)
      })
      const telling = withoutFiller(others)
      const best = withSummaries([...echoes, ...telling], summaries, limit)
      return {
        items: withinTokens(best, maxTokens).map((one) => toItem(one, aboutQuery(stated, one, concern))),
        searched: vector === undefined ? 'lexical' : 'hybrid',
        evidence: evidenceOf(telling, { hybrid: vector !== undefined }),
      }
    },

    async remember(caller, { text, scope, thread, project, trust: given, source, private: isPrivate, flagged = false }) {
      const trust = flagged ? lowerTrust(given, 'external') : given
      const principal = scope === 'everyone' ? everyone : caller
      if (trust === 'hostile') {
        throw new MemoryError('Cannot remember: a hostile text is not kept', { code: 'memory_refused', operation: 'remember' })
      }
      const within = scope === 'thread' ? await requireThread(principal, thread, 'remember') : undefined
      const forProject = scope === 'project' ? requireProject(project, 'remember') : undefined
      const pieces = cutIntoPieces(text, { estimateTokens, maxPieces: maxPiecesOfMemory })
      if (pieces.length === 0 || pieces.length >= maxPiecesOfMemory) {
        throw new MemoryError(
          `Cannot remember: the text must have words, and at most about ${maxPiecesOfMemory * 200} tokens, received ${text.length} characters`,
          { code: 'memory_refused', operation: 'remember' },
        )
      }
      if (maxMemories < Number.POSITIVE_INFINITY) {
        const kept = await store.documents.count(principal, { kinds: [factDocument] })
        if (kept + pieces.length > maxMemories) {
          throw new MemoryError(
            `Cannot remember: a caller may keep ${maxMemories} pieces of text, and has ${kept} where ${pieces.length} more are to be kept; forget some first`,
            { code: 'memory_refused', operation: 'remember' },
          )
        }
      }
      const id = createId('memory')
      const documents = pieces.map((piece, index) => ({
        ...(pieces.length === 1 ? { id } : { id: `${id}.${index + 1}`, pieceOf: id }),
        kind: factDocument,
        thread: within,
        project: forProject,
        text: piece,
        trust,
        createdAt: clock(),
        statements: statementsIn(piece, { at: clock() }),
        facts: {
          ...(source !== undefined && { source: source.slice(0, maxSourceLength) }),
          ...(isPrivate === true && { private: true }),
          ...(flagged && { flagged }),
        },
      }))
      const done = await store.commit(principal, { touch: within === undefined ? [] : [{ kind: threadRow, id: within }], documents })
      if (done === undefined) return refuseUnknown('remember', thread)
      return documents.map((document) => document.id)
    },

    forget: (principal, filter) => forget(store, principal, filter),
  }

  function requireProject(project: string | null | undefined, operation: string): string {
    if (typeof project === 'string' && project.trim() !== '') return project
    throw new MemoryError(`Cannot ${operation}: scope project needs a project`, { code: 'memory_refused', operation })
  }

  /** Of those that are looked at more closely. */
  async function statedIn(principal: string, scored: readonly Scored[]): Promise<Map<string, HeldStatement[]>> {
    const ids = scored.slice(0, minCandidates).map(({ document }) => document.id)
    return Map.groupBy(await store.documents.statements(principal, ids), ({ document }) => document)
  }

  async function byValidity(
    principal: string,
    scored: Scored[],
    stated: Map<string, HeldStatement[]>,
    {
      question,
      asked,
      allows,
      exclude = [],
    }: {
      question: Question
      asked: Asked
      allows: (document: StoredDocument) => boolean
      exclude?: readonly string[] | undefined
    },
  ): Promise<Scored[]> {
    const fetched: StoredDocument[] = []
    let found = successions([...stated.values()].flat(), asked)
    if (found.length === 0) return scored
    // What holds now may share no word with the question, and be none of the hits; and what ended one value may have been ended since.
    for (let step = 0; step < longestChain; step += 1) {
      const missing = [...new Set(found.map(({ present }) => present))].filter((id) => !stated.has(id))
      if (missing.length === 0) break
      for (const id of missing) stated.set(id, [])
      for (const one of await store.documents.statements(principal, missing)) stated.get(one.document)?.push(one)
      const { documents } = await store.documents.list(principal, { ids: missing, limit: missing.length })
      fetched.push(...documents.filter((one) => allows(one) && !exclude.includes(one.id) && !exclude.includes(one.pieceOf ?? '')))
      found = successions([...stated.values()].flat(), asked)
    }
    const now = clock()
    const wasThen = ({ validFrom, validTo = now }: HeldStatement) =>
      question.isThen === undefined || [validFrom, (validFrom + validTo) / 2, validTo - 1].some((at) => question.isThen?.(at) === true)
    const isPast = (past: HeldStatement) => asksForPast(question, asked.query) && wasThen(past)
    return inOrderOfValidity(scored, found, { documents: new Map(fetched.map((one) => [one.id, one])), isPast })
  }

  async function requireThread(principal: string, thread: string | undefined, operation: string): Promise<string> {
    if (thread === undefined) {
      throw new MemoryError(`Cannot ${operation}: scope thread needs a thread`, { code: 'memory_refused', operation })
    }
    const id = await resolveThread(store, principal, thread)
    const row = id === undefined ? undefined : await store.rows.get(principal, threadRow, id)
    return row?.id ?? refuseUnknown(operation, thread)
  }

  function withinTokens(items: readonly Scored[], maxTokens = Number.POSITIVE_INFINITY): Scored[] {
    let left = maxTokens
    return items.filter(({ document }) => {
      const tokens = maxTokens === Number.POSITIVE_INFINITY ? 0 : estimateTokens(document.text)
      if (tokens > left) return false
      left -= tokens
      return true
    })
  }
}

function partition<T>(all: readonly T[], isIn: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isIn), all.filter((one) => !isIn(one))]
}

const maxSourceLength = 100

function aboutQuery(stated: ReadonlyMap<string, readonly HeldStatement[]>, { document }: Scored, asked: Asked): HeldStatement[] {
  return (stated.get(document.id) ?? []).filter((one) => one.ends !== true && concerns(one, asked))
}

function toItem({ document, score }: Scored, facts: readonly HeldStatement[]): RecalledItem {
  const { id, text, trust, createdAt, thread, facts: own } = document
  const isPrivate = own['private'] === true && { private: true }
  const ended = facts.flatMap(({ validTo }) => validTo ?? [])
  return {
    id,
    text: text.trim(),
    score: Math.min(1, score),
    source: sourceOf(document),
    ...roleOf(document),
    trust,
    createdAt,
    ...(thread !== undefined && { thread }),
    ...isPrivate,
    ...(own['flagged'] === true && { flagged: true }),
    ...(facts.length > 0 && { facts: facts.map(toFact) }),
    // Where another of its facts still holds, the text does as well.
    ...(ended.length > 0 && ended.length === facts.length && { validTo: Math.max(...ended) }),
  }
}

function toFact({ subject, relation, value, validFrom, validTo }: HeldStatement): RecalledFact {
  return { subject, relation, value, validFrom, ...(validTo !== undefined && { validTo }) }
}

function sourceOf({ principal, kind, thread, facts }: StoredDocument): string {
  if (principal === everyone) return 'note for everyone'
  if (kind === turnDocument) return `turn of ${thread}`
  if (kind === summaryDocument) return `summary of ${thread} by ${facts['by']}`
  if (kind === toolResultDocument) return `result of ${facts['tool']}`
  return facts['source'] === undefined ? kind : `${kind} from ${facts['source']}`
}

function refuseUnknown(operation: string, thread: string | undefined): never {
  throw new MemoryError(`Cannot ${operation}: there is no thread "${thread}"`, { code: 'memory_not_found', operation })
}

function roleOf({ kind, facts: { role } }: StoredDocument): Pick<RecalledItem, 'role'> {
  return kind === turnDocument && (role === 'user' || role === 'assistant') ? { role } : {}
}
