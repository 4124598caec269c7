import { z } from 'zod'
import { anyPrincipal } from '../../memory/index.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { Caller } from '../caller.ts'
import type { Config } from '../config/config.ts'
import { poolsFor } from '../dispatch/pools-for.ts'
import type { AttachedClient } from '../instance/place.ts'
import { createMintedKeys } from '../minted-keys.ts'
import { capsOf } from '../reach.ts'
import type { Operation } from './operation.ts'
import { reachFor } from './permission.ts'
import { answer } from './result.ts'
import { routingFields, routingInWords } from './routing-status.ts'
import type { Services } from './services.ts'

const output = z.looseObject({ version: z.string(), pools: z.array(z.unknown()), tools: z.looseObject({}) })

/** What is there, how it is, and what it cost: in fields, and in words that need no other document. */
export function createStatus(services: Services): Operation {
  return {
    name: 'status',
    title: 'Status of Signalbox',
    description: 'Pools and their health, budgets and spend, tool servers, memory, the embedder and versions.',
    input: z.strictObject({}),
    output,
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run(_input, { caller }) {
      const fields = await statusFields(services, caller)
      return answer(fields, inWords(fields).join('\n'))
    },
  }
}

async function statusFields(services: Services, caller: Caller) {
  const { principal } = caller
  const config = services.config()
  const reach = reachFor(services, caller)
  const { usdPerDay, usdPerCall, spentTodayUsd } = await services.budget.limits()
  const today = new Date(services.now()).setUTCHours(0, 0, 0, 0)
  const own = await services.store.ledger.spent({ since: today, principal })
  const store = await services.store.info()
  const search = services.search.state()
  const servers = services.host.servers().filter(({ name }) => reach.server(name))
  const { origin } = config
  // How much others keep and do is for the owner of the machine alone.
  const isOwner = principal === 'local'
  return {
    version: services.version,
    configuration: {
      from: origin.kind,
      path: origin.path ?? null,
      ...(origin.ignored !== undefined && { ignored: origin.ignored }),
    },
    policy: services.policy().name,
    access: await accessFields(services, caller),
    pools: poolsFor(services, { mayUsePool: reach.pool }).map((pool) => ({
      pool: pool.name,
      exposed: pool.expose,
      for: pool.purpose,
      models: pool.deployments.map((deployment) => deploymentFields(services, deployment)),
    })),
    budget: { usd_per_day: usdPerDay ?? null, usd_per_call: usdPerCall ?? null, spent_today_usd: spentTodayUsd ?? null },
    spend_today: { usd: own.usd, reserved_usd: own.reservedUsd, calls: own.calls, unpriced_calls: own.unpriced },
    tools: {
      hosted: services.host.catalogue().tools.filter((tool) => reach.tool(tool)).length,
      searched: search.searched,
      embedded: search.embedded,
      ...(isOwner && services.policy().results.cache !== undefined && { cache: services.cache.counts() }),
      servers: servers.map((server) => ({
        server: server.name,
        transport: server.transport,
        phase: server.phase,
        protocol: server.protocol ?? null,
        tools: server.tools,
        from_snapshot: server.fromSnapshot,
        restarts: server.restarts,
        ...(server.error !== undefined && { error: server.error }),
      })),
    },
    embedder: services.embedder(),
    memory: { location: store.location, bytes: store.bytes, ...(isOwner && { counts: store.counts }) },
    ...(isOwner && {
      routing: await routingFields(services),
      risk: await riskFields(services),
      commitments: (await services.commitments.list(anyPrincipal)).length,
      runs: services.runs.active(),
      ...instanceFields(services),
    }),
    node: process.version,
  }
}

const riskyCallers = 10

/** Callers of whom something suspicious was seen. */
async function riskFields({ risks }: Services) {
  const callers = (await risks.callers()).filter(({ track }) => track.flagged > 0)
  return callers.slice(0, riskyCallers).map(({ principal, level, track: { peak, flagged, messages } }) => {
    const rounded = (value: number) => Math.round(value * 1000) / 1000
    return { caller: principal, risk: rounded(level), peak: rounded(peak), flagged: rounded(flagged), messages: rounded(messages) }
  })
}

/** What the caller is here, and for the owner who else may come over HTTP: never a key. */
async function accessFields(services: Services, caller: Caller) {
  const { limits = [], roles, principal } = caller
  const leftUsd = await services.budget.left(capsOf(caller))
  const { http } = services.config()
  return {
    roles,
    ...(limits.length > 0 && { expires_at: new Date(Math.min(...limits.map(({ expiresAt }) => expiresAt))).toISOString() }),
    ...(leftUsd !== undefined && { usd_left: leftUsd }),
    ...(principal === 'local' && {
      http: {
        owner_token: http.token !== undefined,
        oauth_issuer: http.oauth?.issuer ?? null,
        tokens: http.tokens.map((one) => ({ name: one.name, roles: one.roles })),
        minted_keys: (await createMintedKeys(services.store.rows).list(services.now())).filter(({ revoked }) => !revoked).length,
      },
    }),
  }
}

function accessInWords({ roles, expires_at: end, usd_left: left, http }: Awaited<ReturnType<typeof accessFields>>): string[] {
  if (http === undefined)
    return [
      `You have the roles ${roles.join(', ') || 'of nobody'}${end === undefined ? '' : ` until ${end}`}${left === undefined ? '' : `, and $${left.toFixed(4)} left`}.`,
    ]
  const keys = [
    ...(http.owner_token ? ['http.token (owner)'] : []),
    ...http.tokens.map((one) => `${one.name} (${one.roles.join(', ')})`),
    ...(http.oauth_issuer === null ? [] : [`a token of ${http.oauth_issuer}`]),
  ]
  return [
    `Over HTTP: ${keys.length === 0 ? 'any program of this machine, with any key or none' : `who sends ${keys.join(' or ')}`}${http.minted_keys === 0 ? '' : `; ${count(http.minted_keys, 'minted key')}`}.`,
  ]
}

/** The process, who else has it, and what else runs on the same data. */
function instanceFields(services: Services) {
  const { own, others } = services.instance()
  const clientFields = ({ pid, since, name, profile, apart }: AttachedClient) => ({
    pid,
    since,
    ...(name !== undefined && { client: name }),
    ...(profile !== undefined && { profile }),
    ...(apart !== undefined && { apart }),
  })
  return {
    instance: {
      pid: own.pid,
      since: own.since,
      shared: own.shared,
      ...(own.why !== undefined && { why: own.why }),
      clients: own.clients.map(clientFields),
    },
    other_instances: others.map(({ pid, since, version, workingFolder, clients }) => ({
      pid,
      since,
      version,
      working_folder: workingFolder,
      clients: clients.map(clientFields),
    })),
  }
}

/** A model of a cloud without a key: each call will be refused. */
function missingKey({ providers }: Config, { provider, local }: Deployment): { missing_key?: string } {
  const found = providers.find((one) => one.name === provider)
  if (found === undefined || local || found.apiKey !== undefined) return {}
  return { missing_key: found.apiKeyVariable ?? `providers.${provider}.api_key` }
}

type Fields = Awaited<ReturnType<typeof statusFields>>

function deploymentFields({ health, now, config }: Services, deployment: Deployment) {
  const state = health.state(deployment.id)
  const { availability } = state
  return {
    model: deployment.id,
    local: deployment.local,
    ...missingKey(config(), deployment),
    state: availability.state,
    ...(availability.state === 'cooling' && {
      ready_in_s: Math.max(0, Math.ceil((availability.until - now()) / 1000)),
      reason: availability.reason,
    }),
    calls: state.calls,
    failures: state.failures,
    in_flight: state.inFlight,
    first_content_ms: state.firstContentMs === undefined ? null : Math.round(state.firstContentMs),
    ...(state.firstContent !== undefined && {
      first_content_p50_ms: Math.round(state.firstContent.p50),
      first_content_p95_ms: Math.round(state.firstContent.p95),
    }),
    ...(state.perToken !== undefined && {
      token_p50_ms: Math.round(state.perToken.p50 * 10) / 10,
      token_p95_ms: Math.round(state.perToken.p95 * 10) / 10,
    }),
    price: deployment.price && {
      input: deployment.price.inputPerMillion,
      output: deployment.price.outputPerMillion,
      source: deployment.price.source,
    },
    context_tokens: deployment.contextTokens,
    ...(state.lastError !== undefined && { last_error: state.lastError.message }),
  }
}

function inWords(fields: Fields): string[] {
  const { configuration, pools, budget, tools, embedder, memory, spend_today: spend } = fields
  const from = configuration.path === null ? 'the embedded defaults' : configuration.path
  const lines = [`Signalbox ${fields.version} runs on ${from} with the policy "${fields.policy}".`]
  if (configuration.ignored !== undefined) lines.push(`Not used: ${configuration.ignored.path} (${configuration.ignored.reason}).`)
  lines.push(...accessInWords(fields.access))
  for (const pool of pools) {
    lines.push(`Pool "${pool.pool}"${pool.for === '' ? '' : ` (for ${pool.for})`}:`)
    for (const model of pool.models) lines.push(`  ${model.model}: ${stateInWords(model)}; ${priceInWords(model)}`)
  }
  lines.push(
    `Spent today: $${spend.usd.toFixed(4)} in ${count(spend.calls, 'call')}${spend.unpriced_calls > 0 ? ` (${spend.unpriced_calls} of unknown price)` : ''}.`,
  )
  if (budget.usd_per_call !== null) lines.push(`Budget: $${budget.usd_per_call} a call.`)
  if (budget.usd_per_day !== null)
    lines.push(`Budget: $${budget.usd_per_day} a day for all callers, $${(budget.spent_today_usd ?? 0).toFixed(4)} used or reserved.`)
  lines.push(toolsInWords(tools))
  for (const server of tools.servers) {
    const error = 'error' in server ? `: ${server.error}` : ''
    lines.push(
      `  ${server.server}: ${server.phase}${server.from_snapshot ? ', tools as of the last run' : ''}, ${count(server.tools, 'tool')}${error}`,
    )
  }
  lines.push(`Embedder: ${embedderInWords(embedder)}${embedder.error === undefined ? '' : ` (${embedder.error})`}.`)
  if (embedder.advice !== undefined) lines.push(`  ${embedder.advice}`)
  if (fields.routing !== undefined) lines.push(...routingInWords(fields.routing))
  for (const one of fields.risk ?? []) lines.push(`Caller ${one.caller}: risk ${one.risk}, worst message ${one.peak}.`)
  lines.push(`Memory: ${memory.location}, ${(memory.bytes / 1e6).toFixed(1)} MB.`)
  if (fields.instance !== undefined) lines.push(instanceInWords(fields.instance))
  for (const other of fields.other_instances ?? [])
    lines.push(`Another instance: process ${other.pid} in ${other.working_folder}, since ${other.since}: ${clientsInWords(other.clients)}.`)
  return lines
}

function instanceInWords({ pid, since, shared, clients, ...rest }: NonNullable<Fields['instance']>): string {
  const why = 'why' in rest ? ` (${rest.why})` : ''
  return `Process ${pid}, since ${since}, ${shared ? `shared by ${clientsInWords(clients)}` : `for this one alone${why}`}.`
}

function clientsInWords(clients: NonNullable<Fields['instance']>['clients']): string {
  const apart = (client: (typeof clients)[number]) => ('apart' in client ? `, because ${client.apart}` : '')
  const told = clients.map((client) => `${'client' in client ? client.client : 'a client'} (process ${client.pid}${apart(client)})`)
  return told.length === 0 ? 'no client' : `${count(told.length, 'client')}: ${told.join(', ')}`
}

function embedderInWords({ id, runtime }: Fields['embedder']): string {
  if (runtime === 'none') return 'none works, search is by words alone'
  return runtime === undefined ? `${id}, not needed so far` : `${id} on ${runtime}`
}

function toolsInWords({ hosted, searched, servers, cache }: Fields['tools']): string {
  if (servers.length === 0) return 'Tools: none; add MCP servers under tools: in the configuration.'
  const kept =
    cache === undefined
      ? ''
      : ` ${count(cache.kept, 'result')} kept; ${cache.hits} of ${count(cache.hits + cache.misses, 'call')} answered from what was kept.`
  return `Tools: ${hosted} hosted by ${count(servers.length, 'server')}${hosted === 0 ? '' : `, found by ${searched === 'semantic' ? 'meaning' : 'words only'}`}.${kept}`
}

function stateInWords(model: Fields['pools'][number]['models'][number]): string {
  const calls = `${count(model.calls, 'call')}, ${model.failures} failed`
  if ('missing_key' in model) return `its key ${model.missing_key} is missing, ${calls}`
  if ('ready_in_s' in model) return `cooling down for ${model.ready_in_s} s after ${model.reason}, ${calls}`
  return `${model.state}, ${calls}`
}

function priceInWords({ price }: Fields['pools'][number]['models'][number]): string {
  if (price === null) return 'price unknown'
  return price.input === 0 && price.output === 0 ? 'costs nothing' : `$${price.input} in and $${price.output} out per million tokens`
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
