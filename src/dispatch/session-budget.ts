import { z } from 'zod'
import { type RowStore, sessionSpendRow } from '../../memory/index.ts'
import type { Choice, SessionStanding } from '../../policies/index.ts'
import type { Log } from '../log.ts'
import { orWithout } from '../or-without.ts'

/** What is absent bounds nothing. */
interface Amounts {
  readonly steps?: number | undefined
  readonly tokens?: number | undefined
  readonly usd?: number | undefined
}

/** What a session may take in all, and of that in each domain. */
interface CallerLimits extends Amounts {
  readonly domains?: Readonly<Record<string, Amounts>> | undefined
}

export interface SessionLimits extends CallerLimits {
  /** In the place of what holds for all, by the caller's principal. */
  readonly callers?: Readonly<Record<string, CallerLimits>> | undefined
  /** Whether limits come of the caller's past sessions, once there are enough: three times what nine of ten stay within. */
  readonly past: boolean
}

const amounts = { steps: z.number(), tokens: z.number(), usd: z.number() }
const spentSchema = z.object({
  ...amounts,
  domain: z.string().optional(),
  domains: z.record(z.string(), z.object(amounts)).optional(),
})
type Spent = z.output<typeof spentSchema>
const nothing = { steps: 0, tokens: 0, usd: 0 }
/** A signal that names ever new domains fills no row. */
const mostDomains = 64

export interface SessionBudgets {
  /** Where a session stands; `undefined` without limits that bind it. */
  standing(principal: string, key: string | undefined, domain: string | undefined): Promise<SessionStanding | undefined>
  /** Adds what a step has taken. */
  add(principal: string, key: string, step: { tokens: number; usd: number | null; domain: string | undefined }): Promise<void>
}

/** After the last step. */
const keptMs = 30 * 86_400_000
/** Fewer past sessions say too little. */
const leastPast = 30
const mostPast = 500
const timesUsual = 3
/** What nine of ten past sessions stayed within changes slowly. */
const freshMs = 60_000
const mostPrincipals = 200
/** From which share of a limit on each degree begins. */
const degrees = [
  ['stop', 1],
  ['downgrade', 2 / 3],
  ['compress', 1 / 2],
  ['shape', 1 / 3],
] as const

export function createSessionBudgets(
  rows: RowStore,
  limits: () => SessionLimits | undefined,
  clock: () => number,
  log: Pick<Log, 'warn'>,
): SessionBudgets {
  const usual = new Map<string, { readonly at: number; readonly sessions: readonly (Spent & { readonly key: string })[] }>()

  async function pastOf(principal: string) {
    const known = usual.get(principal)
    if (known !== undefined && clock() - known.at < freshMs) return known.sessions
    const { rows: found } = await rows.list<unknown>(principal, sessionSpendRow, { limit: mostPast, order: 'updated' })
    const sessions = found.flatMap(({ id, value }) => {
      const read = spentSchema.safeParse(value).data
      return read === undefined ? [] : [{ ...read, key: id }]
    })
    if (usual.size >= mostPrincipals) usual.clear()
    usual.set(principal, { at: clock(), sessions })
    return sessions
  }

  /** Of its domain where there are enough of them, else of all. */
  async function limitsOfPast(principal: string, key: string, domain: string | undefined): Promise<Amounts | undefined> {
    const all = (await pastOf(principal)).filter((one) => one.key !== key)
    const like = all.filter((one) => domain !== undefined && one.domain === domain)
    const sessions = like.length >= leastPast ? like : all
    if (sessions.length < leastPast) return undefined
    const limit = (of: (one: Spent) => number) => {
      const sorted = sessions.map(of).toSorted((one, other) => one - other)
      const most = timesUsual * (sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0)
      return most > 0 ? most : undefined
    }
    return { steps: limit(({ steps }) => steps), tokens: limit(({ tokens }) => tokens), usd: limit(({ usd }) => usd) }
  }

  return {
    standing: (principal, key, domain) =>
      orWithout(log, 'read what a session has taken', undefined, async () => {
        const own = limits()
        if (own === undefined || key === undefined) return undefined
        const past = own.past ? await limitsOfPast(principal, key, domain) : undefined
        const spent: Spent = spentSchema.safeParse((await rows.get(principal, sessionSpendRow, key))?.value).data ?? nothing
        const general = ownOf(own.callers, principal) ?? own
        const ofDomain = domain === undefined ? undefined : { limits: ownOf(general.domains, domain), spent: ownOf(spent.domains, domain) }
        const measures = (['steps', 'tokens', 'usd'] as const).flatMap((measure) => {
          const configured = general[measure]
          return [
            ...measureOf(measure, spent, configured ?? past?.[measure], { from: configured === undefined ? 'past' : 'configured' }),
            ...measureOf(measure, ofDomain?.spent ?? nothing, ofDomain?.limits?.[measure], { from: 'configured', domain }),
          ]
        })
        const fullest = measures.toSorted((one, other) => other.share - one.share)[0]
        if (fullest === undefined) return undefined
        const [degree = 'none'] = degrees.find(([, from]) => fullest.share >= from) ?? []
        return { session: key, ...fullest, degree }
      }),

    async add(principal, key, { tokens, usd, domain }) {
      if (limits() === undefined) return
      const add = (value: unknown): Spent => {
        const before: Spent = spentSchema.safeParse(value).data ?? nothing
        const more = ({ steps, tokens: taken, usd: paid }: typeof nothing) => ({
          steps: steps + 1,
          tokens: taken + tokens,
          usd: paid + (usd ?? 0),
        })
        const { domains = {} } = before
        const known = domain === undefined ? undefined : ownOf(domains, domain)
        const isCounted = domain !== undefined && (known !== undefined || Object.keys(domains).length < mostDomains)
        return {
          ...more(before),
          domain: domain ?? before.domain,
          ...(isCounted ? { domains: { ...domains, [domain]: more(known ?? nothing) } } : before.domains && { domains }),
        }
      }
      await orWithout(log, 'note what a step has taken', undefined, async () => {
        const expiresAt = clock() + keptMs
        if (await rows.insert(principal, sessionSpendRow, key, add(undefined), { expiresAt })) return
        await rows.update<unknown>(principal, sessionSpendRow, key, add, { expiresAt })
      })
    },
  }
}

/** Names of domains and callers may be words that every object knows. */
function ownOf<T>(entries: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined
}

function measureOf(
  measure: SessionStanding['measure'],
  spent: typeof nothing,
  limit: number | undefined,
  more: Pick<SessionStanding, 'from'> & { domain?: string | undefined },
): Omit<SessionStanding, 'session' | 'degree'>[] {
  const { domain, from } = more
  if (limit === undefined) return []
  return [{ measure, spent: spent[measure], limit, share: spent[measure] / limit, from, ...(domain !== undefined && { domain }) }]
}

/** So many tools are offered at most, and so many tokens of memory go along, in a session that has taken much. */
const fewTools = 8
const littleContext = 3000

function atLeast({ degree }: SessionStanding, wanted: SessionStanding['degree']): boolean {
  const order = ['none', 'shape', 'compress', 'downgrade', 'stop'] as const
  return order.indexOf(degree) >= order.indexOf(wanted)
}

/** What the rule makes of a step, within what its session has left. */
export function withinSession(choice: Choice, standing: SessionStanding | undefined): Choice {
  if (standing === undefined || !atLeast(standing, 'compress')) return choice
  const { context } = choice.action
  const shorter = {
    ...choice.action,
    context: { ...context, tokens: Math.min(littleContext, context?.tokens ?? Number.POSITIVE_INFINITY) },
  }
  if (!atLeast(standing, 'downgrade')) return { ...choice, action: shorter }
  const why = `${choice.why}; ${standingInWords(standing)}`
  if (standing.degree === 'downgrade') return { ...choice, why, action: { ...shorter, prefer: 'cheapest' } }
  return {
    ...choice,
    name: 'session_budget',
    why: standingInWords(standing),
    refusal: stopInWords(standing),
    action: { ...shorter, refuse: true },
  }
}

/** The tools that stay: those that the conversation has used, then the first of the others. */
export function fewerTools<Tool extends { readonly name: string }>(
  tools: readonly Tool[] | undefined,
  used: ReadonlySet<string>,
  standing: SessionStanding | undefined,
): readonly Tool[] | undefined {
  if (tools === undefined || standing === undefined || !atLeast(standing, 'shape') || tools.length <= fewTools) return tools
  const kept = new Set(
    [...tools.filter(({ name }) => used.has(name)), ...tools.filter(({ name }) => !used.has(name))].slice(0, Math.max(fewTools, used.size)),
  )
  return tools.filter((tool) => kept.has(tool))
}

const done: Readonly<Record<Exclude<SessionStanding['degree'], 'none' | 'stop'>, string>> = {
  shape: 'fewer tools are offered',
  compress: 'fewer tools are offered, and less of what was before goes along',
  downgrade: 'fewer tools are offered, less of what was before goes along, and the cheapest model answers',
}

/** For whoever reads the answer. */
export function sessionWarnings(standing: SessionStanding | undefined): string[] {
  if (standing === undefined || standing.degree === 'none' || standing.degree === 'stop') return []
  return [`${standingInWords(standing)}: ${done[standing.degree]}`]
}

function standingInWords({ measure, spent, limit, from, domain }: SessionStanding): string {
  const of = (value: number) => (measure === 'usd' ? `$${value.toFixed(4)}` : `${Math.round(value)}`)
  const place = domain === undefined ? '' : ` in the domain ${domain}`
  const origin = from === 'past' ? ', three times what nine of ten past sessions stay within' : ''
  return `this session has taken ${of(spent)} of ${of(limit)}${measure === 'usd' ? '' : ` ${measure}`} that it may${place} (budget.session${origin})`
}

function stopInWords(standing: SessionStanding): string {
  return `${standingInWords(standing)}; what was done stands in ${standing.session}, go on in a new one or a fork, or raise the limit`
}
