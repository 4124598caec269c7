import {
  type AuthInfo,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type Implementation,
  LOG_LEVEL_META_KEY,
  type LoggingLevel,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { metadataKey, metadataSchema } from '../../policies/metadata.ts'
import { type CallContext, type Caller, type Grant, ownerRole } from '../caller.ts'
import type { Connection } from './connection.ts'

/** What handlers learn of whoever was let in over HTTP: never the key itself. */
export function toAuthInfo({ principal, roles, limits = [], expiresAt }: Grant): AuthInfo {
  const end = Math.min(expiresAt ?? Number.POSITIVE_INFINITY, ...limits.map((limit) => limit.expiresAt))
  const ends = Number.isFinite(end) && { expiresAt: Math.floor(end / 1000) }
  return { token: '', clientId: principal, scopes: [...roles], ...ends, extra: { limits } }
}

/** Stdio is the owner; over HTTP the door has said as whom it let the request in. */
export function grantOf(ctx: ServerContext): Grant {
  const { http } = ctx
  if (http === undefined) return { principal: 'local', roles: [ownerRole] }
  const { authInfo } = http
  if (authInfo === undefined) throw new TypeError('Cannot answer an HTTP request that the door has not let in')
  return { principal: authInfo.clientId, roles: authInfo.scopes, limits: authInfo.extra?.['limits'] as Grant['limits'] }
}

/** Who sends this request: its own envelope speaks (2026-07-28), before that the handshake did. */
export function callerOf(connection: Connection, ctx: ServerContext): Caller {
  const { server, era, options } = connection
  const envelope = envelopeOf(ctx)
  const client = era === 'modern' ? envelope[CLIENT_INFO_META_KEY] : server.getClientVersion()
  const capabilities = era === 'modern' ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities()
  return {
    ...grantOf(ctx),
    door: options.door,
    client: client && { name: client.name, version: client.version },
    profile: options.profile,
    ...(options.project !== undefined && { project: options.project }),
    capabilities: { ...capabilities },
    metadata: metadataOf(ctx).data,
  }
}

const maybeMetadata = metadataSchema.optional()

/** What the client says of the step, in `_meta`; with what is wrong with it. */
export function metadataOf(ctx: ServerContext) {
  return maybeMetadata.safeParse(ctx.mcpReq._meta?.[metadataKey])
}

/** The reserved keys of `_meta`, which the SDK has checked and lifted out. */
interface Envelope {
  readonly [CLIENT_INFO_META_KEY]?: Implementation
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities
  readonly [LOG_LEVEL_META_KEY]?: LoggingLevel
}

function envelopeOf(ctx: ServerContext): Envelope {
  return (ctx.mcpReq.envelope ?? {}) as Envelope
}

export interface RequestScope {
  readonly context: CallContext
  /** Resolves when all that was told on the way has been sent; nothing is sent after it. */
  end(): Promise<void>
}

const severities = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/**
 * What an operation gets with this request.
 *
 * Progress goes out under the caller's token and only forwards; a log line only when this request (2026-07-28)
 * or its connection (2025-11-25) wants it. A run may outlive its request: what it says then goes nowhere.
 */
export function openRequest(connection: Connection, ctx: ServerContext): RequestScope {
  const token = ctx.mcpReq._meta?.progressToken
  const logLevel = connection.era === 'modern' ? envelopeOf(ctx)[LOG_LEVEL_META_KEY] : (connection.logLevel ?? 'info')
  const sending = new Set<Promise<void>>()
  let open = true
  let reached = Number.NEGATIVE_INFINITY

  function send(notification: { method: string; params: Record<string, unknown> }): void {
    const sent = ctx.mcpReq.notify(notification).catch(() => undefined)
    sending.add(sent)
    void sent.finally(() => sending.delete(sent))
  }

  const context: CallContext = {
    caller: callerOf(connection, ctx),
    signal: ctx.mcpReq.signal,
    logLevel,
    progress({ progress, total, message }) {
      if (!open || token === undefined || progress <= reached) return
      reached = progress
      send({
        method: 'notifications/progress',
        params: { progressToken: token, progress, ...(total !== undefined && { total }), ...(message !== undefined && { message }) },
      })
    },
    log({ level, logger, data }) {
      if (!open || !isWanted(level, connection, logLevel)) return
      send({ method: 'notifications/message', params: { level, data, ...(logger !== undefined && { logger }) } })
    },
  }

  return {
    context,
    async end() {
      open = false
      await Promise.all(sending)
    },
  }
}

function isWanted(level: string, connection: Connection, asked: LoggingLevel | string | undefined): boolean {
  if (!severities.includes(level)) return false
  if (connection.era === 'legacy' && connection.logLevel === undefined) return true
  return asked !== undefined && severities.indexOf(level) >= severities.indexOf(asked)
}
