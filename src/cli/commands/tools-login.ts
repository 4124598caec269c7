import type { HttpTransportOptions } from '../../../tools/tool.ts'
import type { Config } from '../../config/config.ts'
import { FailedError, UsageError } from '../failures.ts'
import { openLoginRedirect } from '../login-redirect.ts'
import { openConfig } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

const limitMinutes = 5

/** `tools login`: prints the page on which a person says yes, and waits until the browser comes back from it. */
export async function login(server: string, options: GlobalOptions, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const transport = httpServer(server, config)
  const [{ createLogins }, { hasOwnAuthorization }, { startLogin }] = await Promise.all([
    import('../../logins.ts'),
    import('../../../tools/servers/login.ts'),
    import('../../../tools/servers/oauth.ts'),
  ])
  if (hasOwnAuthorization(transport))
    throw new FailedError(`tools.${server}.headers has an authorization, which is what the server gets: remove it to log in instead`)
  const keeper = createLogins(config.dataFolder)
  if (!keeper.mayAsk(transport.url, transport.url))
    throw new FailedError(
      `Cannot log in to ${server}: tools.${server}.url must be https, or http on this machine, or others could read the tokens`,
    )

  const late = AbortSignal.timeout(limitMinutes * 60_000)
  const signal = AbortSignal.any([terminal.signal, late])
  const redirect = await openLoginRedirect()
  try {
    const { state, url: redirectUrl } = redirect
    const started = await startLogin({ server, transport, keeper, redirectUrl, state, signal })
    note(terminal, `Open this page to log in to ${server} (within ${limitMinutes} minutes, on this machine; Ctrl-C ends it):`)
    note(terminal, started.page)
    const scopes = await started.finish(await orAborted(redirect.answer, signal))
    if (options.json === true) printJson(terminal, { server, logged_in: true, scopes: scopes ?? null })
    else printText(terminal, `Logged in to ${server}${scopes === undefined ? '' : ` (${scopes.join(', ')})`}`)
  } catch (error) {
    terminal.signal.throwIfAborted()
    if (late.aborted) throw new FailedError(`Not logged in to ${server}: nobody came back from the page within ${limitMinutes} minutes`)
    throw new FailedError(`Cannot log in to ${server}: ${reasonOf(error)}`)
  } finally {
    redirect.close()
  }
}

/** `tools logout`: also for a server that is no longer configured. */
export async function logout(server: string, options: GlobalOptions, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const { createLogins } = await import('../../logins.ts')
  const keeper = createLogins(config.dataFolder)
  // One that is being renewed would come back.
  const removed = await keeper.alone(server, () => keeper.remove(server))
  if (options.json === true) printJson(terminal, { server, logged_out: removed })
  else printText(terminal, removed ? `Logged out of ${server}: its tokens are deleted here` : `There was no login for ${server}`)
}

function httpServer(name: string, { servers }: Config): HttpTransportOptions {
  const server = servers.find((one) => one.name === name)
  if (server?.transport.kind === 'http') return server.transport
  if (server !== undefined) throw new UsageError(`tools.${name} is a command: only a server with a url can be logged in to`)
  const known = servers.filter(({ transport }) => transport.kind === 'http').map((one) => one.name)
  throw new UsageError(`<server> must be one with a url (${known.join(', ') || 'none is configured'}), received "${name}"`)
}

async function orAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([value, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}
