import type { AuthProvider } from '@modelcontextprotocol/client'
import type { HttpTransportOptions, KeptLogin, LoginKeeper } from '../tool.ts'
import { LoginError, loginCommand } from './login-error.ts'

/** What a person's login gives the connections to one server: a token for each request, and a new one when it has run out. */
export interface Login extends AuthProvider {
  /** Tells which authorization the server answered with 401. */
  refused(answer: Response, authorization: string | null): void
  /** Whether there is a login by now that no request was made with. */
  isNew(): Promise<boolean>
  /** Tokens of this run, to be taken out of texts. */
  secrets(): readonly string[]
}

export interface LoginOptions {
  readonly server: string
  readonly transport: HttpTransportOptions
  readonly keeper: LoginKeeper
}

/** So many tokens back a text may still quote one. */
const rememberedSecrets = 16

/** `undefined` for a server that the configuration gives an authorization of its own, and where tokens could be read on the way. */
export function createLogin({ server, transport, keeper }: LoginOptions): Login | undefined {
  if (hasOwnAuthorization(transport) || !keeper.mayAsk(transport.url, transport.url)) return undefined
  const refused = new WeakMap<Response, string>()
  const secrets = new Set<string>()

  async function current(): Promise<KeptLogin | undefined> {
    const login = await keeper.read(server).catch((cause: unknown) => {
      throw new LoginError((cause as Error).message, { cause })
    })
    if (login === undefined || !belongsTo(login, transport)) return undefined
    for (const secret of [login.tokens.access_token, login.tokens.refresh_token]) if (secret) secrets.add(secret)
    for (const old of [...secrets].slice(0, -rememberedSecrets)) secrets.delete(old)
    return login
  }

  return {
    async token() {
      return (await current())?.tokens.access_token
    },
    onUnauthorized: ({ response }) =>
      keeper.alone(server, async () => {
        const login = await current()
        if (login === undefined) throw new LoginError(notLoggedIn(server, response))
        // Another connection, or another process, has a new one already.
        if (refused.get(response) !== `Bearer ${login.tokens.access_token}`) return
        const { refresh } = await import('./oauth.ts')
        const tokens = await refresh({ server, login, transport, keeper })
        for (const secret of [tokens.access_token, tokens.refresh_token]) if (secret) secrets.add(secret)
        await keeper.write(server, { ...login, tokens })
      }),
    refused(answer, authorization) {
      if (authorization !== null) refused.set(answer, authorization)
    },
    async isNew() {
      const before = [...secrets]
      const login = await current().catch(() => undefined)
      return login !== undefined && !before.includes(login.tokens.access_token)
    },
    secrets: () => [...secrets],
  }
}

export function hasOwnAuthorization({ headers }: HttpTransportOptions): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
}

/** Tokens go to the server they were got for, and nowhere else, however the configuration changes under its name. */
function belongsTo({ url, client }: KeptLogin, transport: HttpTransportOptions): boolean {
  const { clientId } = transport.oauth ?? {}
  return url === transport.url && (clientId === undefined || clientId === client.client_id)
}

function notLoggedIn(server: string, response: Response): string {
  const orHeaders = response.headers.has('www-authenticate') ? '' : `, or correct tools.${server}.headers`
  return `it wants a login; run: ${loginCommand(server)}${orHeaders}`
}
