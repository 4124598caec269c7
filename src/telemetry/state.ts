import { anyPrincipal } from '../../memory/index.ts'
import type { Services } from '../operations/services.ts'
import type { Sample } from './meter.ts'
import * as metrics from './metrics.ts'

type State = Pick<
  Services,
  'pools' | 'health' | 'host' | 'search' | 'store' | 'budget' | 'runs' | 'approvals' | 'cache' | 'version' | 'now'
>

/** What is so at this moment, of all callers. */
export async function stateSamples(services: State): Promise<Sample[]> {
  const { host, store, budget, runs, approvals, cache } = services
  const [{ bytes, counts }, { usdPerDay, spentTodayUsd }, waiting] = await Promise.all([
    store.info(),
    budget.limits(),
    approvals.list(anyPrincipal),
  ])
  const servers = host.servers()
  const phases = Map.groupBy(servers, ({ phase }) => phase)
  const { hits, misses } = cache.counts()
  return [
    ...modelSamples(services),
    ...[...phases].map(([phase, all]) => ({ metric: metrics.toolServers, labels: { phase }, value: all.length })),
    ...servers.flatMap(({ name: server, phase, restarts, requests = { running: 0, waiting: 0 } }) => [
      { metric: metrics.toolServerUp, labels: { server }, value: phase === 'ready' || phase === 'idle' ? 1 : 0 },
      { metric: metrics.serverRestarts, labels: { server }, value: restarts },
      { metric: metrics.serverQueue, labels: { server, state: 'running' }, value: requests.running },
      { metric: metrics.serverQueue, labels: { server, state: 'waiting' }, value: requests.waiting },
    ]),
    one(metrics.tools, host.catalogue().tools.length),
    one(metrics.toolsEmbedded, services.search.state().embedded),
    { metric: metrics.resultCache, labels: { found: 'hit' }, value: hits },
    { metric: metrics.resultCache, labels: { found: 'miss' }, value: misses },
    one(metrics.runsActive, runs.active()),
    one(metrics.approvalsWaiting, waiting.length),
    one(metrics.spentToday, spentTodayUsd ?? 0),
    ...(usdPerDay === undefined ? [] : [one(metrics.budgetToday, usdPerDay)]),
    one(metrics.memoryBytes, bytes),
    ...Object.entries(counts).map(([kind, value]) => ({ metric: metrics.memoryEntries, labels: { kind }, value })),
    { metric: metrics.build, labels: { version: services.version, node: process.versions.node }, value: 1 },
    ...processSamples(),
  ]
}

/** A model that several pools hold has one state. */
function modelSamples({ pools, health }: State): Sample[] {
  const all = pools().flatMap((pool) => pool.deployments.map(({ id: model }) => ({ pool: pool.name, model })))
  return [
    ...all.map(({ pool, model }) => ({
      metric: metrics.models,
      labels: { pool, model, state: health.availability(model).state },
      value: 1,
    })),
    ...[...new Set(all.map(({ model }) => model))].map((model) => ({
      metric: metrics.modelsInFlight,
      labels: { model },
      value: health.state(model).inFlight,
    })),
  ]
}

function processSamples(): Sample[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return [
    one(metrics.residentMemory, rss),
    one(metrics.heapUsed, heapUsed),
    one(metrics.cpuSeconds, (user + system) / 1e6),
    one(metrics.startTime, Math.round((performance.timeOrigin / 1000) * 1000) / 1000),
    one(metrics.uptime, Math.round(process.uptime())),
  ]
}

function one(metric: Sample['metric'], value: number): Sample {
  return { metric, labels: {}, value }
}
