import { statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import type { Price } from '../../models/deployment.ts'
import type { OAuthClientOptions, ServerOptions, StdioTransportOptions } from '../../tools/tool.ts'
import { ownerRole } from '../caller.ts'
import { isLoopback } from './addresses.ts'
import type { ClientLimits, Config, ConfigOrigin, OAuthConfig, PoolConfig, ProviderConfig } from './config.ts'
import type { ConfigIssue } from './config-error.ts'
import { describeValue, formatPath } from './describe.ts'
import { nearestName } from './nearest.ts'
import { type ConfigFile, limits, name as nameSchema, type ProviderFile, type ServerFile, shippedPolicies } from './schema.ts'
import { resolveTelemetry } from './telemetry.ts'

export interface ResolveOptions {
  readonly origin: ConfigOrigin
  readonly dataFolder: string
  /** Relative paths of the file start here. */
  readonly folder: string
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Providers that are not of the configuration, but that its pools may name. */
  readonly ownProviders?: readonly { readonly name: string; readonly local?: boolean | undefined }[] | undefined
  /** Formatted paths of texts that came from variables, with the variables' names. */
  readonly from: ReadonlyMap<string, readonly string[]>
}

/** The providers that exist without being configured, and where their keys are looked for. */
const vendors = {
  openai: { kind: 'openai', baseUrl: 'https://api.openai.com/v1', variable: 'OPENAI_API_KEY' },
  anthropic: { kind: 'anthropic', baseUrl: 'https://api.anthropic.com', variable: 'ANTHROPIC_API_KEY' },
} as const

const reservedPools = ['auto', 'extractive']
const reservedProviders = ['signalbox', 'extractive']
const defaultClient: ClientLimits = { handleAfterMs: 45_000, resultBytes: 1_000_000 }

/** What a file of the right shape means: defaults filled in and each reference checked, all issues at once. */
export function resolveConfig(file: ConfigFile, options: ResolveOptions): { config: Config; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = []
  const refuse = (path: readonly PropertyKey[], rule: string, value: unknown, hint = '') => {
    const where = formatPath(path)
    issues.push({ path: where, message: `${rule}, received ${describeValue(value, path, options.from.get(where))}${hint}` })
  }
  const pathOf = (path: string) => resolvePath(path, options)

  const providers = resolveProviders(file, options, refuse)
  const pools = resolvePools(file, [...providers, ...ownHosts(providers, options, refuse)], refuse)
  const servers = Object.entries(file.tools).map(([name, server]) => resolveServer(name, server, options, refuse))
  checkServers(file, refuse)

  const config: Config = {
    origin: options.origin,
    dataFolder: options.dataFolder,
    pools,
    providers,
    servers: servers.filter((server) => server !== undefined),
    policy: resolvePolicy(file.policy, pathOf, refuse),
    budget: { usdPerDay: file.budget.usd_per_day, usdPerCall: file.budget.usd_per_call, session: file.budget.session },
    images: { roots: file.images.roots.map(pathOf), maxPixels: file.images.max_pixels },
    computer: {
      ocr: file.computer.ocr,
      icons: file.computer.icons,
      safeTargets: file.computer.safe_targets,
      riskyTargets: file.computer.risky_targets,
      pictures: resolvePictures(file.computer.pictures, pathOf, refuse),
    },
    http: resolveHttp(file, refuse),
    route: resolveRoute(file, pools, refuse),
    embedder: resolveEmbedder(file, options, refuse),
    clients: resolveClients(file, refuse),
    profiles: file.profiles,
    search: { examples: resolveWork(['search', 'examples'], file.search.examples, pools, refuse) },
    memory: { project: file.memory.project },
    background: resolveWork(['background'], file.background, pools, refuse),
    learning: file.learning,
    roles: resolveRoles(file, pools, refuse),
    retention: file.retention,
    audit: file.audit,
    log: { level: file.log.level, format: file.log.format },
    telemetry: resolveTelemetry(file, options.env),
  }
  return { config, issues }
}

/** Work that a pool does by itself, for so much a day. */
function resolveWork(
  path: readonly string[],
  given: { pool: string; usd_per_day: number } | undefined,
  pools: readonly PoolConfig[],
  refuse: Refuse,
): { pool: string; usdPerDay: number } | undefined {
  if (given === undefined) return undefined
  const names = pools.map(({ name }) => name)
  if (!names.includes(given.pool)) {
    const nearest = nearestName(given.pool, names)
    const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
    refuse([...path, 'pool'], 'must be a pool under pools', given.pool, hint)
  }
  return { pool: given.pool, usdPerDay: given.usd_per_day }
}

/** Each name that is meant must be there. */
function resolveRoute({ route }: ConfigFile, pools: readonly PoolConfig[], refuse: Refuse): Config['route'] {
  const names = ['signalbox/auto', ...pools.flatMap(({ name, models }) => [`signalbox/${name}`, ...models]), 'signalbox/extractive']
  for (const [glob, target] of Object.entries(route)) {
    if (names.includes(target)) continue
    const nearest = nearestName(target, names)
    const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
    refuse(['route', glob], 'must be signalbox/auto, signalbox/<pool> or a model of a pool', target, hint)
  }
  return route
}

type Refuse = (path: readonly PropertyKey[], rule: string, value: unknown, hint?: string) => void

function resolveProviders(file: ConfigFile, options: ResolveOptions, refuse: Refuse): ProviderConfig[] {
  const given: Record<string, ProviderFile | undefined> = { openai: undefined, anthropic: undefined, ...file.providers }
  return Object.entries(given).flatMap(([name, provider]): ProviderConfig[] => {
    const path = ['providers', name]
    if (reservedProviders.includes(name)) {
      refuse(path, 'must have another name, this one is built in', name)
      return []
    }
    const vendor = name === 'openai' || name === 'anthropic' ? vendors[name] : undefined
    const kind = provider?.kind ?? vendor?.kind
    const baseUrl = provider?.base_url ?? vendor?.baseUrl
    if (kind === undefined) refuse([...path, 'kind'], 'is required and must be openai or anthropic', undefined)
    if (baseUrl === undefined) refuse([...path, 'base_url'], 'is required for a provider of your own', undefined)
    if (kind === undefined || baseUrl === undefined) return []
    checkBaseUrl([...path, 'base_url'], kind, baseUrl, refuse)
    if (kind === 'anthropic' && provider?.format !== undefined)
      refuse([...path, 'format'], 'must be left out for kind anthropic', provider.format)

    const { hostname } = new URL(baseUrl)
    const loopback = isLoopback(hostname)
    // A key never goes by default to a host that is neither the vendor's nor put in the vendor's place by name.
    const atVendor = vendor ?? Object.values(vendors).find((one) => one.kind === kind && new URL(one.baseUrl).hostname === hostname)
    const written = options.from.get(formatPath([...path, 'api_key']))
    return [
      {
        name,
        kind,
        format: provider?.format,
        baseUrl: baseUrl.replace(/\/+$/, ''),
        apiKey: provider?.api_key ?? (atVendor === undefined ? undefined : nonEmpty(options.env[atVendor.variable])),
        apiKeyVariable: provider?.api_key === undefined ? atVendor?.variable : written?.[0],
        price: priceOf(provider, loopback),
        loopback,
        trustedLocal: provider?.trusted_local ?? false,
      },
    ]
  })
}

function checkBaseUrl(path: readonly PropertyKey[], kind: 'openai' | 'anthropic', baseUrl: string, refuse: Refuse): void {
  const endsInV1 = /\/v1\/?$/.test(new URL(baseUrl).pathname)
  if (kind === 'openai' && !endsInV1) refuse(path, 'must end in /v1 for kind openai', baseUrl)
  if (kind === 'anthropic' && endsInV1) refuse(path, 'must not end in /v1 for kind anthropic', baseUrl)
}

function priceOf(provider: ProviderFile | undefined, loopback: boolean): Price | undefined {
  const price = provider?.price
  if (price === undefined) return loopback ? { inputPerMillion: 0, outputPerMillion: 0, source: 'loopback' } : undefined
  return {
    inputPerMillion: price.input,
    outputPerMillion: price.output,
    ...(price.cache_read !== undefined && { cacheReadPerMillion: price.cache_read }),
    ...(price.cache_write !== undefined && { cacheWritePerMillion: price.cache_write }),
    source: 'configuration',
  }
}

/** Where the models of a provider run. */
type ModelHost = Pick<ProviderConfig, 'name' | 'loopback' | 'trustedLocal'> & { readonly baseUrl: string | undefined }

function ownHosts(providers: readonly ProviderConfig[], { ownProviders = [] }: ResolveOptions, refuse: Refuse): ModelHost[] {
  const taken = [...reservedProviders, ...providers.map(({ name }) => name)]
  return ownProviders.map(({ name, local = false }, index) => {
    if (!nameSchema.safeParse(name).success || taken.includes(name) || ownProviders.findIndex((one) => one.name === name) !== index)
      refuse(['providers', name], `must be named like a provider of the configuration, and as none of them (${taken.join(', ')})`, name)
    return { name, loopback: local, trustedLocal: false, baseUrl: undefined }
  })
}

function resolvePools(file: ConfigFile, providers: readonly ModelHost[], refuse: Refuse): PoolConfig[] {
  const byName = new Map(providers.map((provider) => [provider.name, provider]))
  const pools = Object.entries(file.pools).map(([name, pool]): PoolConfig => {
    const path = ['pools', name]
    if (reservedPools.includes(name)) refuse(path, 'must have another name, this one is built in', name)
    pool.models.forEach((model, index) => {
      const where = [...path, 'models', index]
      const named = model.slice(0, model.indexOf('/'))
      const provider = byName.get(named)
      if (provider === undefined) {
        // A provider that was refused itself is one mistake, not two.
        if (Object.hasOwn(file.providers, named)) return
        const nearest = nearestName(named, byName.keys())
        const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
        refuse(where, `must name a configured provider (${[...byName.keys()].join(', ')}) before the slash`, model, hint)
      } else if (pool.local && !provider.loopback && !provider.trustedLocal) {
        const { baseUrl } = provider
        const hint = baseUrl === undefined ? '' : ` at ${new URL(baseUrl).host} (providers.${named}.trusted_local: true would allow it)`
        refuse(where, 'must run on this machine, because the pool says local: true', model, hint)
      }
    })
    const repeated = pool.models.findIndex((model, index) => pool.models.indexOf(model) !== index)
    if (repeated !== -1) refuse([...path, 'models', repeated], 'must be named once in its pool', pool.models[repeated])
    return {
      name,
      models: pool.models,
      expose: pool.expose,
      purpose: pool.for,
      local: pool.local,
      modalities: [...new Set(['text' as const, ...pool.modalities])],
      computer: pool.computer,
    }
  })
  const exposed = pools.filter((pool) => pool.expose).length
  if (exposed > limits.exposedPools) refuse(['pools'], `must have at most ${limits.exposedPools} pools with expose: true`, exposed)
  return pools
}

function resolveServer(name: string, server: ServerFile, options: ResolveOptions, refuse: Refuse): ServerOptions | undefined {
  const transport = resolveTransport(name, server, options, refuse)
  if (transport === undefined) return undefined
  return {
    name,
    transport,
    allow: server.allow,
    block: server.block,
    readOnly: server.read_only === false ? [] : server.read_only,
    ...(server.stays_inside !== false && { staysInside: server.stays_inside }),
    ...(server.private !== undefined && { private: server.private }),
    timeoutMs: server.timeout_s * 1000,
    concurrency: server.concurrency,
    ratePerMinute: server.rate_per_minute,
    idleMs: server.idle_s * 1000,
    expose: server.expose,
    prefix: server.prefix,
    pin: server.pin ?? (transport.kind === 'http' ? 'ask' : 'first-sight'),
    trustAnnotations: server.trust_annotations ?? transport.kind === 'stdio',
  }
}

function resolveTransport(
  name: string,
  server: ServerFile,
  options: ResolveOptions,
  refuse: Refuse,
): ServerOptions['transport'] | undefined {
  const path = ['tools', name]
  const { command, url } = server
  if ((command === undefined) === (url === undefined)) {
    refuse(path, 'must have either command or url', `${command === undefined ? 'neither' : 'both'}`)
    return undefined
  }
  const misplaced = command === undefined ? (['args', 'env', 'cwd'] as const) : (['headers', 'oauth'] as const)
  for (const key of misplaced) {
    if (server[key] !== undefined)
      refuse([...path, key], `must only stand beside ${command === undefined ? 'command' : 'url'}`, server[key])
  }
  if (url !== undefined) return { kind: 'http', url, headers: server.headers ?? {}, ...resolveOAuthClient(path, server, refuse) }
  if (command === undefined) return undefined
  const stdio: StdioTransportOptions = {
    kind: 'stdio',
    command: /^\.{1,2}[\\/]/.test(command) || command.startsWith('~/') ? resolvePath(command, options) : command,
    args: server.args ?? [],
    env: server.env ?? {},
    cwd: server.cwd === undefined ? options.folder : resolvePath(server.cwd, options),
  }
  return stdio
}

function resolveOAuthClient(path: readonly string[], { oauth }: ServerFile, refuse: Refuse): { oauth?: OAuthClientOptions } {
  if (oauth === undefined) return {}
  const { client_id: clientId, client_secret: clientSecret, scopes } = oauth
  if (clientSecret !== undefined && clientId === undefined)
    refuse([...path, 'oauth', 'client_secret'], 'must only stand beside client_id', clientSecret)
  return { oauth: { clientId, clientSecret, scopes } }
}

function checkServers(file: ConfigFile, refuse: Refuse): void {
  const bare = Object.entries(file.tools).filter(([, server]) => !server.prefix)
  for (const [name] of bare.slice(1)) {
    refuse(['tools', name, 'prefix'], `must be true: only one server may go without, and ${JSON.stringify(bare[0]?.[0])} does`, false)
  }
  for (const [profile, { servers }] of Object.entries(file.profiles)) {
    servers.forEach((server, index) => {
      if (Object.hasOwn(file.tools, server)) return
      const nearest = nearestName(server, Object.keys(file.tools))
      const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
      refuse(['profiles', profile, 'servers', index], 'must name a server under tools', server, hint)
    })
  }
}

function resolvePolicy(policy: string, pathOf: (path: string) => string, refuse: Refuse): Config['policy'] {
  const shipped = shippedPolicies.find((name) => name === policy)
  if (shipped !== undefined) return { kind: 'shipped', name: shipped }
  const path = pathOf(policy)
  const isPath = /[\\/]|\.ya?ml$/i.test(policy)
  if (!isPath) {
    const nearest = nearestName(policy, shippedPolicies)
    const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
    refuse(['policy'], `must be a shipped policy (${shippedPolicies.join(', ')}) or the path of a .yaml file`, policy, hint)
  } else if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    refuse(['policy'], 'must be the path of a file that exists', policy, ` (looked for ${path})`)
  }
  return { kind: 'file', path }
}

function resolveHttp(file: ConfigFile, refuse: Refuse): Config['http'] {
  const { port, host, token, tokens, allowed_hosts: allowedHosts } = file.http
  if (!isLoopback(host)) {
    const why = `must be set when http.host is not this machine (${JSON.stringify(host)})`
    if (token === undefined && tokens.length === 0 && file.http.oauth === undefined) refuse(['http', 'token'], why, undefined)
    if (allowedHosts.length === 0) refuse(['http', 'allowed_hosts'], why, allowedHosts)
  }
  tokens.forEach((one, index) => {
    const path = ['http', 'tokens', index]
    const before = tokens.slice(0, index)
    if (before.some(({ name }) => name === one.name)) refuse([...path, 'name'], 'must be given once', one.name)
    if (one.token === token || before.some((other) => other.token === one.token))
      refuse([...path, 'token'], 'must be another than the tokens before it', one.token)
    checkRoles([...path, 'roles'], one.roles, file, refuse)
  })
  const known = tokens.map(({ rate_per_minute: ratePerMinute, ...one }) => ({ ...one, ratePerMinute }))
  return { port, host, token, tokens: known, oauth: resolveOAuth(file, refuse), allowedHosts }
}

function resolveOAuth(file: ConfigFile, refuse: Refuse): OAuthConfig | undefined {
  const { oauth } = file.http
  if (oauth === undefined) return undefined
  const path = ['http', 'oauth']
  if (oauth.roles_claim === undefined && Object.keys(oauth.scopes).length === 0)
    refuse(path, 'must have roles_claim, scopes or both, or no token gives a role', 'neither')
  for (const [scope, roles] of Object.entries(oauth.scopes)) checkRoles([...path, 'scopes', scope], roles, file, refuse)
  const { issuer, audience, jwks_uri: jwksUri, algorithms, principal_claim: principalClaim, roles_claim: rolesClaim, scopes } = oauth
  return { issuer, audience, jwksUri, algorithms, principalClaim, rolesClaim, scopes }
}

function checkRoles(path: readonly PropertyKey[], roles: readonly string[], file: ConfigFile, refuse: Refuse): void {
  const known = [ownerRole, ...Object.keys(file.roles)]
  roles.forEach((role, index) => {
    if (known.includes(role)) return
    const nearest = nearestName(role, known)
    const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
    refuse([...path, index], `must name a role under roles, or ${ownerRole}`, role, hint)
  })
}

function resolveRoles(file: ConfigFile, pools: readonly PoolConfig[], refuse: Refuse): Config['roles'] {
  for (const [role, { pools: named = [] }] of Object.entries(file.roles)) {
    if (role === ownerRole) refuse(['roles', role], 'must have another name, this one is built in', role)
    named.forEach((pool, index) => {
      if (pools.some(({ name }) => name === pool)) return
      const known = pools.map(({ name }) => name)
      const nearest = nearestName(pool, known)
      const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
      refuse(['roles', role, 'pools', index], 'must name a pool under pools', pool, hint)
    })
  }
  return file.roles
}

function resolveEmbedder(file: ConfigFile, options: ResolveOptions, refuse: Refuse): Config['embedder'] {
  if (file.embedder === undefined) return undefined
  const { base_url: baseUrl, model, api_key: apiKey } = file.embedder
  checkBaseUrl(['embedder', 'base_url'], 'openai', baseUrl, refuse)
  const atVendor = new URL(baseUrl).hostname === new URL(vendors.openai.baseUrl).hostname
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    model,
    apiKey: apiKey ?? (atVendor ? nonEmpty(options.env[vendors.openai.variable]) : undefined),
  }
}

function resolvePictures(
  given: ConfigFile['computer']['pictures'],
  pathOf: (path: string) => string,
  refuse: Refuse,
): Config['computer']['pictures'] {
  if (given === undefined) return undefined
  const { base_url: baseUrl, model, api_key: apiKey, format, onnx, family, size, least } = given
  const at = ['computer', 'pictures']
  const own = { risky: given.risky.map(pathOf), safe: given.safe.map(pathOf), least }
  if (onnx !== undefined) {
    if (baseUrl !== undefined) refuse([...at, 'onnx'], 'must stand alone: base_url is another encoder', onnx)
    return { ...own, encoder: { kind: 'onnx', path: pathOf(onnx), family, size } }
  }
  if (baseUrl === undefined || model === undefined) {
    refuse(
      [...at, baseUrl === undefined ? 'base_url' : 'model'],
      'is required beside its other (base_url and model), unless onnx is there',
      undefined,
    )
    return undefined
  }
  checkBaseUrl([...at, 'base_url'], 'openai', baseUrl, refuse)
  return { ...own, encoder: { kind: 'endpoint', baseUrl: baseUrl.replace(/\/+$/, ''), model, apiKey, format } }
}

function resolveClients(file: ConfigFile, refuse: Refuse): Config['clients'] {
  const clients: Record<string, ClientLimits> = { default: defaultClient }
  const seen = new Set<string>()
  for (const [name, client] of Object.entries(file.clients)) {
    const key = name.toLowerCase()
    if (seen.has(key)) refuse(['clients', name], 'must be named once, upper and lower case being the same', name)
    seen.add(key)
    clients[key] = { handleAfterMs: client.handle_after_s * 1000, resultBytes: client.result_bytes }
  }
  return clients
}

/** Absolute; `~/` is the user's home, and what is relative starts at the file's folder. */
function resolvePath(path: string, { folder, home }: ResolveOptions): string {
  if (/^~[\\/]/.test(path)) return join(home, path.slice(2))
  return isAbsolute(path) ? path : resolve(folder, path)
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
