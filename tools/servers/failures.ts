import { InsufficientScopeError, ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { ToolError, type ToolErrorOptions } from '../tool.ts'
import { DeadlineError } from './deadline.ts'
import { streamEndedCode } from './http.ts'
import { LoginError, loginCommand } from './login-error.ts'

export interface FailureContext {
  /** What was asked for, as its caller knows it. */
  tool: string
  server: string
  /** How the connection ended, when it has. */
  ending?: string | undefined
  redact: (text: string) => string
}

const maxReasonCharacters = 500

/** A failed request as the error that the model and the outcome log read. Secrets of the server's configuration are taken out. */
export function toToolError(error: unknown, context: FailureContext): ToolError {
  if (error instanceof ToolError) return error
  const { stage, kind, text } = explain(error, context)
  const reason = context.redact(text).slice(0, maxReasonCharacters)
  return new ToolError(`"${context.tool}" of server "${context.server}" ${reason}`, { tool: context.tool, stage, kind, cause: error })
}

type Explanation = { stage: ToolErrorOptions['stage']; kind: NonNullable<ToolErrorOptions['kind']>; text: string }

function explain(error: unknown, { server, ending }: FailureContext): Explanation {
  const run = (kind: Explanation['kind'], text: string): Explanation => ({ stage: 'run', kind, text })
  if (error instanceof DeadlineError) {
    return run(
      'timeout',
      `did not answer within ${error.limitMs / 1000} s; it may still be at work: look at what it did before calling again`,
    )
  }
  if (error instanceof LoginError) return run('auth', `was refused: ${error.message}`)
  if (error instanceof ProtocolError) return explainRefusal(error)
  if (error instanceof SdkHttpError) return explainStatus(error)
  if (error instanceof InsufficientScopeError) {
    const scopes = error.requiredScope === undefined ? '' : ` the scopes "${error.requiredScope}", which`
    return run(
      'auth',
      `was refused: it needs${scopes || ' more scopes, which'} tools.${server}.oauth.scopes must name; then run: ${loginCommand(server)}`,
    )
  }
  if (error instanceof Error && error.name === 'UnauthorizedError') return run('auth', 'was refused: the server wants other credentials')
  if (error instanceof SdkError && isResultFault(error.code)) return run('schema', `answered with what MCP does not know: ${error.message}`)
  if (ending !== undefined) return run('transport', `failed: the server ${ending} before it answered`)
  return run('transport', `failed: ${innermost(error)}`)
}

function explainRefusal(error: ProtocolError): Explanation {
  if (error.code === streamEndedCode) return { stage: 'run', kind: 'transport', text: `failed: ${error.message}` }
  const stage = error.code === -32602 ? 'input' : 'run'
  return { stage, kind: stage === 'input' ? 'schema' : 'internal', text: `was refused by the server: ${error.message} (${error.code})` }
}

function explainStatus(error: SdkHttpError): Explanation {
  const status = error.data.status
  const kind = status === 401 || status === 403 ? 'auth' : status === 429 ? 'quota' : status >= 500 ? 'unavailable' : 'transport'
  return { stage: 'run', kind, text: `failed with HTTP status ${status}: ${error.message}` }
}

function isResultFault(code: unknown): boolean {
  return code === SdkErrorCode.InvalidResult || code === SdkErrorCode.UnsupportedResultType
}

/** `fetch failed` says nothing; what it was caused by does. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? innermost(error.cause) : error.message || error.name
}

/** A server over HTTP that no longer knows our session, or is not there: nothing was run. */
export function hasLostSession(error: unknown): boolean {
  const cause = error instanceof ToolError ? error.cause : error
  return (cause instanceof SdkHttpError && cause.data.status === 404) || notConnectedCodes.has(rootCode(cause) ?? '')
}

const notConnectedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

export interface StartFailure {
  server: string
  /** Of a child process. */
  command: string | undefined
  /** Over HTTP, unless the configuration gives it an authorization. */
  mayLogIn: boolean
  /** How the process ended, when it has. */
  ending: string | undefined
  lastWords: string
  redact: (text: string) => string
}

/** Why a server could not be started, with what to do about it. */
export function explainStart(error: unknown, { server, command, mayLogIn, ending, lastWords, redact }: StartFailure): string {
  if (error instanceof LoginError) return `Server "${server}" cannot be started: ${redact(error.message)}`
  const why = ending === undefined || error instanceof DeadlineError ? innermost(error) : `it ${ending}`
  const said = lastWords === '' ? '' : `; it said: ${lastWords}`
  return `Server "${server}" cannot be started: ${redact(why + said).slice(0, maxReasonCharacters)}. ${mendOf(error, server, command, mayLogIn)}`
}

function mendOf(error: unknown, server: string, command: string | undefined, mayLogIn: boolean): string {
  const code = rootCode(error)
  if (error instanceof DeadlineError) return `See whether it starts by itself, then correct tools.${server}`
  if (command !== undefined && (code === 'ENOENT' || code === 'EACCES')) return `Install "${command}", or correct tools.${server}.command`
  if (command !== undefined) return `Run its command in a terminal to see why, then correct tools.${server}`
  const isRefused = error instanceof SdkHttpError && (error.data.status === 401 || error.data.status === 403)
  if (isRefused || (error instanceof Error && /^(UnauthorizedError|InsufficientScopeError)$/.test(error.name)))
    return `${mayLogIn ? `Run: ${loginCommand(server)}, or c` : 'C'}orrect tools.${server}.headers`
  return `Start it, or correct tools.${server}.url`
}

function rootCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return rootCode(error.cause) ?? (error as NodeJS.ErrnoException).code
}
