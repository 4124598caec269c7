import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  createAnswers,
  createDecisionLog,
  createIndexer,
  createRecall,
  createSummaries,
  createThreads,
  openSqliteStore,
} from '../memory/index.ts'
import type { Embedder } from '../models/embedder.ts'
import { createHealth } from '../models/health.ts'
import { createImages } from '../models/images.ts'
import { ground } from '../models/local/grounding/index.ts'
import { createIconReader } from '../models/local/icons/index.ts'
import { withCache } from '../models/local/index.ts'
import { createOcr } from '../models/local/ocr/index.ts'
import type { ProviderDefinition } from '../models/providers/index.ts'
import { createTokenEstimator } from '../models/tokens.ts'
import { needsFacts, type OwnKinds, type Policy, type PrivacyGuard, readFeedback, scanSentences, suspicionOf } from '../policies/index.ts'
import { createToolHost } from '../tools/host.ts'
import { createToolSearch } from '../tools/search/tool-search.ts'
import { asOwner, type Viewer } from './caller.ts'
import { catalogueKeeper } from './catalogue-keeper.ts'
import { createClassify, type HeaderVariables, mayTakeVariables } from './classify.ts'
import { createClassifyTool } from './classify-tool.ts'
import { createCommitments } from './commitments.ts'
import { createBrowsers } from './computer/browsers.ts'
import { createComputer } from './computer/computer.ts'
import type { Config } from './config/config.ts'
import { createConsole } from './console/console.ts'
import { createDirectTools } from './direct-tools.ts'
import { createBudget } from './dispatch/budget.ts'
import { type Clocks, defaultClocks } from './dispatch/clocks.ts'
import { createConversations } from './dispatch/conversations.ts'
import { createSessionBudgets } from './dispatch/session-budget.ts'
import { createSessionRisks } from './dispatch/session-risks.ts'
import { createEmbedder } from './embedder.ts'
import { evaluateRouting } from './evaluation/routing.ts'
import { evaluateTools } from './evaluation/tools.ts'
import { trainRouting } from './evaluation/train-routing.ts'
import { createExampleNeeds } from './example-needs.ts'
import { createConversationMemory } from './gateway/conversation-memory.ts'
import { createGateway } from './gateway/gateway.ts'
import { aloneView, type InstanceView, otherInstances } from './instance/view.ts'
import { createLearning } from './learning/learning.ts'
import { createOutcomeRecorder } from './learning/recorder.ts'
import { createRoutingLearning } from './learning/routing/routing.ts'
import { type Askable, loadPolicy } from './load-policy.ts'
import type { Log } from './log.ts'
import { createLogins } from './logins.ts'
import { createMemoryDigest } from './memory-digest.ts'
import { createMintedKeys } from './minted-keys.ts'
import { answerText } from './operations/find-tools.ts'
import { createFrames } from './operations/frames.ts'
import { createGivenFiles } from './operations/given-files.ts'
import { createOperations, operationNames } from './operations/index.ts'
import { createLargeResults } from './operations/large-results.ts'
import { handleAfterMs } from './operations/long.ts'
import type { Operation } from './operations/operation.ts'
import { isAllowedToAll, reachFor } from './operations/permission.ts'
import { createResultCache } from './operations/result-cache.ts'
import type { EmbedderState, Services } from './operations/services.ts'
import { createPools, type PoolSet } from './pools.ts'
import { privateClassify } from './privacy/private-classify.ts'
import { isEmbedderLocal, privateEmbedder } from './privacy/private-embedder.ts'
import { reachOf } from './reach.ts'
import { readinessOf } from './readiness.ts'
import { replayHistory } from './replay/history.ts'
import { createResources } from './resources.ts'
import { createApprovals } from './runs/approvals.ts'
import { thisProcess } from './runs/owner.ts'
import { createRuns } from './runs/runs.ts'
import type { Signalbox } from './signalbox.ts'
import { createMeter } from './telemetry/meter.ts'
import { guardVerdicts } from './telemetry/metrics.ts'
import { openTracer } from './telemetry/open-tracer.ts'
import { stateSamples } from './telemetry/state.ts'
import { quotaOf } from './thread-quota.ts'
import { toolWords } from './tool-words.ts'
import { lockFileOf, toolsLock } from './tools-lock.ts'
import { version } from './version.ts'

export interface OpenOptions {
  log: Log
  clock?: (() => number) | undefined
  /** How long each part of a model's answer may take. */
  clocks?: Clocks | undefined
  /** What the exploration of tools hangs on; another one each time unless given. */
  seed?: string | undefined
  /** How often it is looked whether the ranking of tools can learn. */
  learnLookMs?: number | undefined
  /** Without them, a policy's headers that take one are refused. */
  variables?: HeaderVariables | undefined
  /** What a program brings which embeds Signalbox. */
  own?: Own | undefined
  /** The process as `status` tells of it. */
  instance?: (() => InstanceView) | undefined
}

export interface Own extends OwnKinds {
  readonly providers?: readonly ProviderDefinition[] | undefined
}

/** How often what is past its retention is removed. */
const sweepEveryMs = 3_600_000
const firstSweepAfterMs = 60_000
const maxImageBytes = 20_000_000
/** How often it is looked what other processes have learnt of routing. */
const routingLookMs = 30_000
/** How many different views of the operations are kept; what is made anew costs a moment. */
const maxViewers = 256

/**
 * Puts a Signalbox together from its configuration: the only place where all folders meet.
 *
 * @throws {MemoryError} If the database cannot be opened.
 * @throws {PolicyError} If the policy cannot be served.
 */
export async function openSignalbox(
  config: Config,
  { log, clock = Date.now, clocks = defaultClocks, seed = randomUUID(), learnLookMs, variables, own = {}, instance = alone }: OpenOptions,
): Promise<Signalbox> {
  const meter = createMeter()
  const tracer = await openTracer(config.telemetry, { log, meter })
  let guarding: PrivacyGuard | undefined
  let isRefused = false
  const store = await openSqliteStore({ path: join(config.dataFolder, 'signalbox.db'), retention: config.retention, clock })
  // In this process nothing is kept from it: only an endpoint is looked at.
  const embedder =
    config.embedder === undefined
      ? createEmbedder(config)
      : privateEmbedder(createEmbedder(config), { local: isEmbedderLocal(config), guard: () => guarding })
  // Memory keeps its vectors beside its texts; what else is embedded for good is kept by its content.
  const cached = withCache(embedder, store.vectors)
  const tokens = createTokenEstimator()
  const estimateTokens = (text: string) => tokens.estimateText(text)
  const threads = createThreads(store, { estimateTokens, quota: quotaOf(config) })
  const recall = createRecall(store, { embedder, estimateTokens, maxMemories: config.retention.memories, clock, log })
  const indexer = createIndexer(store, embedder, { log })
  const approvals = createApprovals(store.rows, clock)
  const commitments = createCommitments(store.rows, clock, log)
  const frames = createFrames(store.blobs)
  const search = createToolSearch({ embedder: cached, log })
  const keeper = catalogueKeeper(store.rows)
  const host = createToolHost({
    servers: config.servers,
    keeper,
    // Without a file there is nothing that a lock could lie beside.
    pinKeeper: config.origin.path === undefined ? undefined : toolsLock(lockFileOf(config.origin.path), keeper, log),
    logins: createLogins(config.dataFolder),
    log,
    clock,
    clientInfo: { name: 'signalbox', version },
    reserved: operationNames(config),
  })

  const callTool = createClassifyTool(host)
  const askableFor = (policy: Config['policy'], under: Config): Askable => ({
    classify: privateClassify(createClassify(mayTakeVariables(policy, under) ? variables : undefined), () => guarding),
    callTool,
    own,
  })
  const prepare = async (next: Config): Promise<Current> => {
    const pools = await createPools(next, cached, own.providers)
    const surroundings = { pools: pools.pools, embedder: cached, ...askableFor(next.policy, next) }
    const policy = await loadPolicy(next, { ...surroundings, warn: (message) => log.warn(message) })
    if (policy.cache?.answers === 'semantic' && next.embedder !== undefined)
      log.warn(
        `Policy ${policy.name}: over an embedder of your own no two questions are compared; only the same request is answered from what is kept`,
      )
    return { config: next, pools, policy }
  }

  let current = await prepare(config).catch(async (error: unknown) => {
    // Nothing has been started yet but what holds the file open.
    await Promise.all([embedder.close(), store.close()])
    throw error
  })
  guarding = current.policy.default.guards?.privacy
  let operations = new Map<string, readonly Operation[]>()

  const runs = createRuns({
    rows: store.rows,
    approvals,
    owner: thisProcess(randomUUID()),
    operation: (name) => operationsOf(asOwner()).find((one) => one.name === name),
    log,
    clock,
  })
  const learningEnabled = () => current.config.learning.enabled
  const outcomes = createOutcomeRecorder({ logs: store.logs, clock, embedder: embedder.id, seed, enabled: learningEnabled })
  const learning = createLearning({
    store,
    embedder,
    catalogue: host.catalogue,
    recorder: outcomes,
    enabled: learningEnabled,
    clock,
    log,
    lookMs: learnLookMs,
  })
  const routing = createRoutingLearning({
    logs: store.logs,
    rows: store.rows,
    enabled: learningEnabled,
    clock,
    log,
    // Nobody starts the embedder for that.
    feedbackIn: async (text) => (cached.runtime === undefined ? undefined : readFeedback(text, cached)),
    lookMs: learnLookMs ?? routingLookMs,
  })
  const conversationMemory = createConversationMemory(store, clock, log)
  const { ledger, sessions, responses } = conversationMemory
  const images = createImages({ maxPixels: config.images.maxPixels, maxBytes: maxImageBytes })
  const files = createGivenFiles({ roots: () => current.config.images.roots, frames, maxBytes: maxImageBytes })
  const computer = createComputer({
    store,
    images,
    files,
    originals: frames,
    approvals,
    threads,
    ocr: config.computer.ocr === 'off' ? undefined : createOcr({ kind: config.computer.ocr }),
    signs: config.computer.icons === 'off' ? undefined : createIconReader(),
    embedder: cached,
    targets: () => current.config.computer,
    policy: () => current.policy,
    onVerdict: (verdict) => meter.add(guardVerdicts, { guard: 'computer', verdict }),
    commitments,
  })
  const services: Services = {
    config: () => current.config,
    pools: () => current.pools.pools,
    policy: () => current.policy,
    provider: (deployment) => current.pools.provider(deployment),
    health: createHealth({ clock }),
    tokens,
    images,
    computer,
    browsers: createBrowsers({ host, frames: computer.frames, rules: () => computer.tools().rules, log }),
    budget: createBudget(store.ledger, () => current.config.budget, clock, log),
    threads,
    recall,
    summaries: createSummaries(store, { estimateTokens }),
    decisions: createDecisionLog(store),
    answers: createAnswers(store),
    routing,
    conversations: createConversations(store.rows, clock, log),
    risks: createSessionRisks(store.rows, clock, log),
    sessionBudgets: createSessionBudgets(store.rows, () => current.config.budget.session, clock, log),
    commitments,
    conversationMemory,
    host,
    search,
    clocks,
    now: clock,
    store,
    approvals,
    runs,
    frames,
    files,
    results: createLargeResults(store.blobs),
    cache: createResultCache(clock),
    outcomes,
    learning,
    embedText: async (text, signal) => (await embedder.embed([text], { signal, priority: 'query' }))[0],
    embedWords: async (texts, signal) => embedder.embedWords?.(texts, { signal, priority: 'query' }),
    embedderId: embedder.id,
    ground: (answer, sources, options) => ground(answer, sources, { ...options, embedder: cached }),
    needsFacts: (text, signal) => needsFacts(text, cached, signal),
    embedder: () => embedderState(embedder, search.state().error),
    scanSentences: (text, signal) => scanSentences(text, { embedder, signal }),
    suspicionOf: (call, signal) => suspicionOf(call, embedder, signal),
    meter,
    tracer,
    instance: () => ({ own: instance(), others: otherInstances(config.dataFolder) }),
    log,
    version,
  }

  const examples = createExampleNeeds({
    rows: store.rows,
    line: services,
    settings: () => current.config.search.examples,
    catalogue: host.catalogue,
    search,
    lastActivity: outcomes.lastActivity,
    clock,
    lookMs: learnLookMs,
  })

  const digest = createMemoryDigest({
    store,
    summaries: services.summaries,
    line: services,
    config: () => current.config,
    clock,
    lookMs: learnLookMs,
  })

  /** Made once for each profile, roles and limits, from the catalogue of that moment: a client's own calls never change what it sees. */
  function operationsOf(viewer: Viewer): readonly Operation[] {
    const key = JSON.stringify([viewer.profile, viewer.roles.toSorted(), viewer.limits?.map(({ id }) => id)])
    const known = operations.get(key)
    if (known !== undefined) return known
    const all = host.catalogue()
    const shown = { ...all, tools: all.tools.filter((tool) => isAllowedToAll(services, tool, viewer)) }
    const made = createOperations(services, shown, reachOf(viewer, current.config))
    if (operations.size >= maxViewers) operations.delete(operations.keys().next().value ?? key)
    operations.set(key, made)
    return made
  }

  const words = toolWords({ blobs: store.blobs, search, log })
  const [keptWords] = await Promise.all([words.load(), host.loaded()])
  search.index(host.catalogue(), keptWords)
  words.keepSoon()
  const listeners = new Set<() => void>()
  const changed = () => {
    operations = new Map()
    for (const listener of listeners) listener()
  }
  const stopListening = host.onChange((catalogue) => {
    search.index(catalogue)
    words.keepSoon()
    changed()
  })
  host.start()
  indexer.start()
  digest.start()
  await Promise.all([learning.start(), routing.start(), examples.start()])
  let sweeping: Promise<unknown> = Promise.resolve()
  const sweep = () => {
    sweeping = store.sweep().catch((error: unknown) => log.warn('Cannot remove what is past its retention', { error }))
  }
  const firstSweep = setTimeout(sweep, firstSweepAfterMs)
  const sweeps = setInterval(sweep, sweepEveryMs)
  firstSweep.unref()
  sweeps.unref()

  return {
    version,
    meter: services.meter,
    tracer,
    samples: () => stateSamples(services),
    readiness: () => readinessOf(services, { isRefused }),
    fileRefused(refused) {
      isRefused = refused
    },
    operations: operationsOf,
    runs,
    host,
    direct: createDirectTools(services),
    gateway: createGateway({
      ...services,
      ledger,
      sessions,
      responses,
      embedding: {
        embedder: cached,
        providerNamed: (name) => current.pools.providerNamed(name),
        price: (provider, model) => current.pools.embeddingPrice(provider, model),
      },
    }),
    mintedKeys: createMintedKeys(store.rows),
    reach: (viewer) => reachFor(services, viewer),
    roles: () => Object.keys(current.config.roles),
    directServers(viewer) {
      const reach = reachFor(services, viewer)
      return current.config.servers.filter(({ name, expose }) => expose === 'direct' && reach.server(name)).map(({ name }) => name)
    },
    ...createResources(services),
    console: createConsole(services, cached, own),

    async resume(handle, responses, context) {
      await runs.answer(handle, responses, context.caller)
      const result = await runs.wait(handle, handleAfterMs(services, context.caller, undefined), context)
      const text = `lost: there is no run "${handle}" to go on with. Make the call again.`
      return result ?? { kind: 'done', content: [{ type: 'text', text }], isError: true }
    },

    async settled(signal) {
      await host.settled(signal)
      await search.settled()
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    routing,
    keptAnswers: {
      callers: () => services.answers.callers(),
      list: (principal) => services.answers.list(principal),
      async clear(callers) {
        let removed = 0
        for (const caller of callers) removed += await services.answers.remove(caller, () => true)
        await store.scrub()
        return removed
      },
    },
    learnTools: learning.learn,
    exampleNeeds: examples.of,
    evaluateTools: (request) =>
      evaluateTools(request, {
        embedder: cached,
        // What was learnt counts for the definitions that it was learnt of.
        learned: request.tools.some(({ name, hash }) => host.find(name)?.hash === hash) ? learning.ranking('local') : undefined,
        answerTokens: (tools) => estimateTokens(answerText(tools)),
      }),
    evaluateRouting: (request) => evaluateRouting(request, cached),
    trainRouting: (request) => trainRouting(request, cached),

    replay: (request) => replayHistory(request, services, { embedder, ...askableFor(request.policy, current.config) }),

    async reconfigure(next) {
      const late: string[] = fixedAtStart.filter((key) => !isDeepStrictEqual(next[key], config[key]))
      if (next.images.maxPixels !== config.images.maxPixels) late.push('images.max_pixels')
      if (next.computer.ocr !== config.computer.ocr) late.push('computer.ocr')
      if (next.computer.icons !== config.computer.icons) late.push('computer.icons')
      const changedProviders = next.providers.filter(
        (provider) =>
          !isDeepStrictEqual(
            provider,
            current.config.providers.find((one) => one.name === provider.name),
          ),
      )
      current = await prepare(next)
      guarding = current.policy.default.guards?.privacy
      // What a key or address did wrong says nothing about the next one.
      for (const { name } of changedProviders) services.health.providerChanged(name)
      changed()
      await examples.reconfigured()
      await host.configure(next.servers)
      if (late.length > 0) log.warn('Some changes of the configuration count from the next start on', { keys: late })
      return late
    },

    async close() {
      clearTimeout(firstSweep)
      clearInterval(sweeps)
      stopListening()
      words.close()
      // The store comes last, since the others still write; what fails to end keeps nothing else from ending.
      for (const part of [
        learning,
        examples,
        digest,
        routing,
        runs,
        conversationMemory,
        host,
        search,
        indexer,
        computer,
        embedder,
        { close: () => sweeping },
        store,
        tracer,
      ]) {
        try {
          await part.close()
        } catch (error) {
          log.error('Cannot end cleanly', { error })
        }
      }
    },
  }
}

/** What a running Signalbox was built on. */
const fixedAtStart = ['dataFolder', 'embedder', 'http', 'retention', 'telemetry'] as const

interface Current {
  readonly config: Config
  readonly pools: PoolSet
  readonly policy: Policy
}

function embedderState(embedder: Embedder, error: string | undefined): EmbedderState {
  const runtime = error === undefined ? embedder.runtime : 'none'
  const advice =
    runtime === 'onnxruntime-web' ? 'onnxruntime-node is about ten times as fast: npm install onnxruntime-node --ignore-scripts' : undefined
  return { id: embedder.id, runtime, error, advice }
}

const alone = () => aloneView(undefined)
