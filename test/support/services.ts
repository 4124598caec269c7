import { openSqliteStore, type Store } from '../../memory/index.ts'
import type { Caller } from '../../src/caller.ts'
import { asOwner } from '../../src/caller.ts'
import { createComputer } from '../../src/computer/computer.ts'
import type { ClientLimits, Config, ProfileConfig } from '../../src/config/config.ts'
import { createConversationMemory } from '../../src/gateway/conversation-memory.ts'
import { aloneView } from '../../src/instance/view.ts'
import { createOutcomeRecorder } from '../../src/learning/recorder.ts'
import { createFrames } from '../../src/operations/frames.ts'
import { createGivenFiles } from '../../src/operations/given-files.ts'
import { createOperations } from '../../src/operations/index.ts'
import { createLargeResults } from '../../src/operations/large-results.ts'
import type { DoneResult, Operation } from '../../src/operations/operation.ts'
import { createResultCache } from '../../src/operations/result-cache.ts'
import type { Services } from '../../src/operations/services.ts'
import { reachOf } from '../../src/reach.ts'
import { createApprovals } from '../../src/runs/approvals.ts'
import { thisProcess } from '../../src/runs/owner.ts'
import { createRuns } from '../../src/runs/runs.ts'
import { createToolSearch } from '../../tools/search.ts'
import type { Catalogue, HostedTool, RawResult, ServerState } from '../../tools/tool.ts'
import { type LineFacts, lineOf } from './line.ts'
import { fakeHost } from './mcp-host.ts'
import { contextOf } from './runs.ts'

export interface HostedStandIn extends Partial<HostedTool> {
  readonly name: string
  answer?(args: Record<string, unknown>): Promise<RawResult> | RawResult
}

export interface ServicesFacts extends Partial<LineFacts> {
  tools?: readonly HostedStandIn[]
  servers?: readonly ServerState[]
  profiles?: Record<string, ProfileConfig>
  roles?: Config['roles']
  clients?: Record<string, ClientLimits>
}

export interface ServicesFixture {
  readonly services: Services
  readonly store: Store
  /** Names of the tools that ran, in order. */
  readonly ran: string[]
  /** Replaces what is hosted. */
  host(tools: readonly HostedStandIn[]): void
  /** Of operations made over `services`, changed as told. */
  run(name: string, input: Record<string, unknown>, caller?: Partial<Caller>, own?: Partial<Services>): Promise<DoneResult>
}

/** What the operations work with, over a real store and stand-ins for models and servers. */
export async function servicesFor({
  tools = [],
  servers = [],
  profiles = {},
  roles = {},
  clients = {},
  ...line
}: ServicesFacts = {}): Promise<ServicesFixture> {
  const store = line.store ?? (await openSqliteStore({ path: ':memory:' }))
  const base = await lineOf({ pools: [], providers: [], ...line, store })
  let hosted = tools
  const ran: string[] = []
  const catalogue = (): Catalogue => ({
    tools: hosted.map(toHosted),
    prompts: [],
    resources: [],
    templates: [],
    hash: JSON.stringify(hosted),
  })
  const search = createToolSearch({ embedder: undefined, log: base.log })
  search.index(catalogue())
  const config = {
    profiles,
    roles,
    clients: { default: { handleAfterMs: 60_000, resultBytes: 1_000_000 }, ...clients },
    images: { roots: [], maxPixels: 1e6 },
    audit: { arguments: 'shape' },
    memory: { project: undefined },
    learning: { enabled: true, exploration: 0 },
    providers: [],
    servers: [],
    http: { token: undefined, tokens: [], oauth: undefined },
    origin: { kind: 'embedded', path: undefined, ignored: undefined },
  } as unknown as ReturnType<Services['config']>
  const approvals = createApprovals(store.rows)
  const frames = createFrames(store.blobs)
  const files = createGivenFiles({ roots: () => [], frames, maxBytes: 1e6 })
  const { images, threads } = base
  const byName = (name: string, own: Partial<Services> = {}): Operation | undefined =>
    createOperations({ ...services, ...own }, catalogue(), reachOf(asOwner(), services.config())).find((one) => one.name === name)
  const services: Services = {
    ...base,
    config: () => config,
    host: {
      ...fakeHost(),
      catalogue,
      servers: () => servers,
      find: (name) => catalogue().tools.find((tool) => tool.name === name),
      async call(name, args) {
        ran.push(name)
        const tool = hosted.find((one) => one.name === name)
        return (await tool?.answer?.(args as Record<string, unknown>)) ?? { content: [{ type: 'text', text: `${name} ran` }] }
      },
    },
    search,
    store,
    approvals,
    runs: createRuns({ rows: store.rows, approvals, owner: thisProcess('test'), operation: (name) => byName(name), log: base.log }),
    frames,
    files,
    computer: createComputer({
      commitments: base.commitments,
      store,
      images,
      files,
      originals: frames,
      approvals,
      threads,
      ocr: undefined,
      signs: undefined,
      embedder: undefined,
      targets: () => ({ ocr: 'off', icons: 'off', safeTargets: [], riskyTargets: [] }),
      policy: () => services.policy(),
    }),
    browsers: { call: async () => undefined },
    results: createLargeResults(store.blobs),
    cache: createResultCache(base.now),
    conversationMemory: createConversationMemory(store, base.now, base.log),
    learning: { ranking: () => undefined, forget: async () => undefined },
    outcomes: createOutcomeRecorder({ logs: store.logs, clock: base.now, embedder: 'none', seed: 'test', enabled: () => true }),
    embedder: () => ({ id: 'none', runtime: 'none' }),
    scanSentences: () => Promise.reject(new Error('no embedder is configured')),
    suspicionOf: () => Promise.reject(new Error('no embedder is configured')),
    instance: () => ({ own: aloneView(undefined), others: [] }),
    version: '0',
  }

  return {
    services,
    store,
    ran,
    host(next) {
      hosted = next
      search.index(catalogue())
    },
    async run(name, input, caller, own) {
      const operation = byName(name, own)
      if (operation === undefined) throw new RangeError(`no operation ${name}`)
      const result = await operation.run(operation.input.parse(input) as never, contextOf(caller))
      if (result.kind !== 'done') throw new TypeError(`${name} waits for its caller`)
      return result
    },
  }
}

function toHosted({ answer: _, name, ...facts }: HostedStandIn): HostedTool {
  return {
    name,
    server: 'files',
    tool: name,
    description: `The tool ${name}`,
    inputSchema: { type: 'object' },
    definition: { name },
    readOnly: false,
    hash: name,
    ...facts,
  }
}
