import { hash } from 'node:crypto'
import type { RowStore } from '../../memory/index.ts'
import type { ClientRequest } from '../../models/wire/client-format.ts'
import type { Log } from '../log.ts'
import { isBackground, type RequestHeaders } from './background.ts'
import { createHistoryChain, type HistoryChainOptions, sessionPrefix } from './history-chain.ts'

/**
 * Which conversation a request belongs to.
 *
 * What clients say of it is never trusted: a name counts within its principal alone, and reaches nothing of another's. What was
 * seen of the clients themselves:
 *
 * - Claude Code 2.1.197 sends `X-Claude-Code-Session-Id` with each request, a sub-agent `x-claude-code-agent-id` and perhaps
 *   `x-claude-code-parent-agent-id` beside its parent's session id, and `metadata.user_id` as JSON with `device_id`,
 *   `account_uuid` and `session_id`. Older versions have `user_…_account_…_session_<uuid>` in `metadata.user_id` alone.
 * - Codex 0.171.0 sends `session-id`, `thread-id` (the same for its first thread), `x-codex-parent-thread-id` for a thread that
 *   another began, and the session's id as `prompt_cache_key` and `x-client-request-id`. Older versions have `session_id` and
 *   `conversation_id` as headers.
 * - opencode 1.18.33 sends `x-session-affinity` and `X-Session-Id`, both the session's id, and `x-parent-session-id` for the
 *   session of a sub-agent, which has an id of its own.
 */
export interface SessionIdentity {
  /** Under which the conversation is kept: another one for each agent of a session. */
  readonly session: string
  /** The conversation that began this one, or from which it was parted: what is known of it is the best guess for this one. */
  readonly parent?: string | undefined
  readonly source: 'claude-code' | 'user-id' | 'codex' | 'session-header' | 'cache-key' | 'previous-response' | 'history'
  /** A title, a probe: it does not belong to the course of the conversation. */
  readonly background: boolean
}

export type SessionFacts = Pick<ClientRequest, 'system' | 'messages' | 'tools' | 'maxOutputTokens' | 'user' | 'cacheKey'>

export interface Sessions {
  /** `previous` is the session of the stored answer that the request goes on from. */
  identify(
    principal: string,
    headers: RequestHeaders,
    request: SessionFacts,
    previous?: { session: string | undefined },
  ): Promise<SessionIdentity>
  forget(principal: string): Promise<void>
  close(): Promise<void>
}

export function createSessions(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>, options?: HistoryChainOptions): Sessions {
  const chain = createHistoryChain(rows, clock, log, options)

  return {
    async identify(principal, headers, request, previous) {
      const background = isBackground(request, headers)
      const named = nameOf(headers, request)
      if (named !== undefined) return { ...toIdentity(principal, named), background }
      if (previous?.session !== undefined) return { session: previous.session, source: 'previous-response', background }
      const { system, messages, user, cacheKey } = request
      const also = [user, cacheKey, ...(background ? ['background'] : [])]
      return { ...(await chain.follow({ principal, system, also }, messages)), source: 'history', background }
    },

    forget: (principal) => chain.forget(principal),
    close: () => chain.close(),
  }
}

/** A session as its client names it. */
interface Name {
  readonly source: SessionIdentity['source']
  readonly session: string
  /** Where several share the session. */
  readonly agent?: string | undefined
  /** Who began this one, where it was begun by another one of the client's. */
  readonly parent?: { readonly session: string; readonly agent?: string | undefined } | undefined
}

function nameOf(headers: RequestHeaders, { user, cacheKey }: SessionFacts): Name | undefined {
  const header = (...names: string[]) => names.map((name) => idOf(headers.get(name))).find((id) => id !== undefined)

  const claudeCode = header('x-claude-code-session-id') ?? sessionInUserId(user)
  if (claudeCode !== undefined) {
    const source = header('x-claude-code-session-id') === undefined ? 'user-id' : 'claude-code'
    const agent = header('x-claude-code-agent-id')
    const parent = agent && { session: claudeCode, agent: header('x-claude-code-parent-agent-id') }
    return { source, session: claudeCode, agent, parent: parent || undefined }
  }

  const codex = header('session-id', 'session_id', 'conversation_id')
  if (codex !== undefined) {
    const agentOf = (thread: string | undefined) => (thread === codex ? undefined : thread)
    const agent = agentOf(header('thread-id'))
    const parent = header('x-codex-parent-thread-id')
    const began = agent === undefined && parent === undefined ? undefined : { session: codex, agent: agentOf(parent) }
    return { source: 'codex', session: codex, agent, parent: began }
  }

  const session = header('x-session-id', 'x-session-affinity')
  if (session !== undefined) {
    const parent = header('x-parent-session-id')
    return { source: 'session-header', session, parent: parent === undefined ? undefined : { session: parent } }
  }
  const key = idOf(cacheKey)
  return key !== undefined && isOfOneConversation(key) ? { source: 'cache-key', session: key } : undefined
}

function toIdentity(principal: string, { source, session, agent, parent }: Name): Omit<SessionIdentity, 'background'> {
  const key = keyOf(principal, session, agent)
  const parentKey = parent && keyOf(principal, parent.session, parent.agent)
  return { session: key, source, ...(parentKey !== undefined && parentKey !== key && { parent: parentKey }) }
}

function keyOf(principal: string, session: string, agent: string | undefined): string {
  return sessionPrefix + hash('sha256', JSON.stringify([principal, session, agent ?? null]), 'base64url').slice(0, 32)
}

/** What cannot be an id is none: nothing is cut, since two would become one. */
const id = /^[\x21-\x7e]{1,200}$/

function idOf(text: string | null | undefined): string | undefined {
  return text != null && id.test(text) ? text : undefined
}

function sessionInUserId(user: string | undefined): string | undefined {
  if (user === undefined || user.length > 4000) return undefined
  const legacy = /_session_([0-9a-f-]{8,64})$/i.exec(user)?.[1]
  if (legacy !== undefined || !user.startsWith('{')) return idOf(legacy)
  try {
    const { session_id: session } = JSON.parse(user) as { session_id?: unknown }
    return typeof session === 'string' ? idOf(session) : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** A cache key may be one word for all conversations of an application; only one that nobody thought up names a conversation. */
function isOfOneConversation(key: string): boolean {
  const plain = key.replaceAll('-', '')
  return (plain.match(/[A-Za-z0-9]{16,}/g) ?? []).some((run) => (run.match(/\d/g) ?? []).length >= 3)
}
