import { hash } from 'node:crypto'
import { textOf } from '../../models/message.ts'
import { joinTaint, type Taint } from '../../models/taint.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { classifyAction } from '../../tools/computer/guard/consent.ts'
import { judgeAction } from '../../tools/computer/guard/guard.ts'
import { checkOrders } from '../../tools/computer/guard/page-orders.ts'
import type { GuardRules } from '../../tools/computer/guard/rules.ts'
import { checkTreeTarget } from '../../tools/computer/guard/tree-target.ts'
import { type Finding, strictest, type Verdict } from '../../tools/computer/guard/verdict.ts'
import { type PageSnapshot, parsePageSnapshot } from '../../tools/computer/page-snapshot.ts'
import type { BrowserServer, BrowserStep } from '../../tools/computer/servers.ts'
import { type HostedTool, type RawResult, ToolError, type ToolHost } from '../../tools/tool.ts'
import type { Log } from '../log.ts'
import { blocksOf, toParts } from '../operations/tool-content.ts'
import { type BrowserSession, createBrowserSession } from './browser-session.ts'

export interface BrowserRuling {
  readonly verdict: Verdict
  /** Sentences, the strictest first. */
  readonly reasons: readonly string[]
}

/** One call to a browser server that is known. */
export interface BrowserCall {
  /** `approved`: a person has said yes to exactly this. */
  judge(options: { taint: Taint; signal: AbortSignal; approved?: boolean }): Promise<BrowserRuling>
  /** It is carried out now. */
  begins(): void
  /** @returns What its caller is told beside it. */
  answered(result: RawResult): Promise<string[]>
}

/** A tool of a server that is known, with the others of that server. */
export interface KnownTool {
  readonly tool: HostedTool
  readonly siblings: readonly HostedTool[]
  readonly browser: BrowserServer
}

/** The guard of computer use over browsers that other servers drive. */
export interface HostedBrowsers {
  /** `undefined` for a tool that no table knows. */
  call(
    known: KnownTool,
    args: Readonly<Record<string, unknown>>,
    caller: { principal: string; thread: string | undefined },
  ): BrowserCall | undefined
}

export interface HostedBrowsersOptions {
  host: Pick<ToolHost, 'catalogue' | 'call'>
  frames: Pick<Frames, 'take'>
  rules: () => GuardRules
  log: Pick<Log, 'warn'>
}

const mostSessions = 200

/**
 * A browser server is recognised by its tools. Before a call of it acts, the page is looked at once more: what stands on the target, where
 * the browser is and what has come up is the page's own word, not the agent's.
 */
export function createHostedBrowsers({ host, frames, rules, log }: HostedBrowsersOptions): HostedBrowsers {
  const sessions = new Map<string, BrowserSession>()
  const sessionOf = (key: string): BrowserSession => {
    const session = sessions.get(key) ?? createBrowserSession()
    sessions.delete(key)
    sessions.set(key, session)
    for (const oldest of [...sessions.keys()].slice(0, -mostSessions)) sessions.delete(oldest)
    return session
  }

  return {
    call({ tool, siblings, browser }, args, { principal, thread }) {
      const steps = browser.read(tool.tool, args)
      if (steps === undefined) return undefined
      const session = sessionOf(JSON.stringify([principal, tool.server, thread]))
      // The whole call: a form is filled in with several steps on one page.
      const actionHash = hashOf(tool.tool, args)
      let now: PageSnapshot | undefined
      return {
        async judge({ taint, signal, approved }) {
          if (steps.length === 0) return { verdict: 'allow', reasons: [] }
          now = await look(host, siblings, browser, { principal, signal })
          const judged = []
          for (const step of steps)
            judged.push(await judgeStep(step, { now, session, actionHash, taint, rules: rules(), approved, signal }))
          return {
            verdict: strictest(judged.map(({ verdict }) => verdict)),
            reasons: [...new Set(judged.flatMap(({ reasons }) => reasons))],
          }
        },
        begins() {
          if (steps.length > 0) session.does({ actionHash, dhash: (now ?? session.seen())?.digest })
          for (const step of steps) {
            session.means(leadsTo(step, now ?? session.seen()))
            if (step.action.type === 'type') session.types(step.action.text)
          }
        },
        async answered(result) {
          await session.take(textOf(toParts(result).filter((part) => part.type === 'text')))
          const said: string[] = []
          for (const block of blocksOf(result)) {
            if (block['type'] !== 'image') continue
            try {
              const bytes = Buffer.from(String(block['data'] ?? ''), 'base64')
              const { frame } = await frames.take(principal, thread, { bytes, url: session.url() })
              said.push(`the screenshot is kept as signalbox://frame/${frame.id}`)
            } catch (error) {
              log.warn('Cannot keep a screenshot of a hosted browser', { tool: tool.name, error })
            }
          }
          return said
        },
      }
    },
  }
}

/** The page as it is now, by the server's own tool for that; `undefined` where it has none or does not answer. */
async function look(
  host: HostedBrowsersOptions['host'],
  siblings: readonly HostedTool[],
  { snapshot }: BrowserServer,
  options: { principal: string; signal: AbortSignal },
): Promise<PageSnapshot | undefined> {
  const tool = siblings.find((one) => one.tool === snapshot?.tool && one.quarantined === undefined)
  if (tool === undefined || snapshot === undefined) return undefined
  try {
    const result = await host.call(tool.name, snapshot.args, options)
    const page = parsePageSnapshot(textOf(toParts(result).filter((part) => part.type === 'text')))
    return page.nodes.length === 0 ? undefined : page
  } catch (error) {
    // Who has left is told so by the call itself.
    if (!(error instanceof ToolError) && !options.signal.aborted) throw error
    return undefined
  }
}

interface Known {
  readonly now: PageSnapshot | undefined
  readonly session: BrowserSession
  readonly actionHash: string
  readonly taint: Taint
  readonly rules: GuardRules
  readonly approved: boolean | undefined
  readonly signal: AbortSignal
}

async function judgeStep(step: BrowserStep, { now, session, actionHash, taint, rules, approved, signal }: Known): Promise<BrowserRuling> {
  const { action, claim } = step
  const url = now?.url ?? session.url()
  const meant = session.meant() ?? url
  const at = action.type === 'click' ? action.at : undefined
  const isPointed = step.ref !== undefined || at !== undefined
  const target = now && isPointed ? checkTreeTarget({ ref: step.ref, at, claim, now, seen: session.seen() }) : undefined
  const node = target?.node ?? (isPointed ? undefined : focused(step, now))
  const label = step.isDialog === true ? 'OK' : node?.name || undefined
  const nearby = step.isDialog === true ? session.dialog() : undefined
  const facts = { action, claim, label, role: node?.role, fieldType: step.fieldType, nearby, url: action.type === 'navigate' ? meant : url }
  const read = session.readElsewhere(action.type === 'navigate' ? addressed(action.url, url) : url)
  const opaque = step.opaque ?? (step.isDialog === true && nearby === undefined ? 'nobody knows what the dialog asks' : undefined)
  const own: Finding[] = [
    ...(target?.findings ?? []),
    ...(opaque === undefined ? [] : [{ layer: 'target' as const, verdict: 'confirm' as const, code: 'opaque', reason: opaque }]),
  ]
  const isBlind = isTargeted(step) && target === undefined && opaque === undefined
  const { verdict, reasons } = await judgeAction(
    {
      ...facts,
      expectedUrl: meant,
      taint: joinTaint(taint, {
        untrustedRead: session.hasRead(),
        privateRead: session.readElsewhere(undefined).length > 0,
        canSend: true,
      }),
      read,
      typedBefore: session.typed(),
      past: session.past(),
      actionHash,
      pageHash: now?.digest,
      approved,
      signal,
    },
    {
      rules,
      pixels: [
        {
          name: 'target',
          look: async () => ({
            layer: 'target',
            findings: own,
            ms: 0,
            ...(isBlind && { unscored: 'the page does not tell what stands on the target' }),
          }),
        },
        {
          name: 'screen',
          look: async () => {
            const isConsequential = classifyAction(facts).classes.length > 0
            return { layer: 'screen', findings: checkOrders({ action, label, isConsequential, orders: session.orders() }), ms: 0 }
          },
        },
      ],
    },
  )
  return { verdict, reasons }
}

function hashOf(tool: string, args: Readonly<Record<string, unknown>>): string {
  return hash('sha256', JSON.stringify([tool, args])).slice(0, 16)
}

/** Whether it goes to a place on the page that somebody should have looked at. */
function isTargeted({ action, fieldType, isDialog, claim }: BrowserStep): boolean {
  if (isDialog === true || fieldType === 'file') return false
  return action.type === 'click' || action.type === 'drag' || (action.type === 'type' && claim !== undefined)
}

/** Keys go to what has the focus; a page as a whole is nothing that could be named. */
function focused({ action }: BrowserStep, page: PageSnapshot | undefined) {
  if (action.type !== 'key' && action.type !== 'type') return undefined
  return page?.nodes.findLast(({ hasFocus, role }) => hasFocus && role !== 'generic' && role !== 'RootWebArea')
}

/** Where the browser should be afterwards. `undefined` where anything is meant. */
function leadsTo({ action, ref }: BrowserStep, page: PageSnapshot | undefined): string | undefined {
  if (action.type === 'navigate') return addressed(action.url, page?.url)
  if (action.type === 'back' || action.type === 'forward') return undefined
  const link = action.type === 'click' && ref !== undefined ? page?.nodes.find((node) => node.ref === ref) : undefined
  return link?.url === undefined ? page?.url : addressed(link.url, page?.url)
}

function addressed(url: string, from: string | undefined): string {
  return URL.parse(url, from)?.href ?? url
}
