import { checkArguments } from './arguments/check.ts'
import { type BuiltCatalogue, buildCatalogue } from './catalogue.ts'
import { asObject, canonicalJson, isAllowed } from './definitions.ts'
import { inTurn } from './in-turn.ts'
import type { Log } from './log.ts'
import { nearestNames } from './names.ts'
import { createPins, pinRows } from './pins.ts'
import { parseNamespacedUri, type ResourceRoute, routesOf } from './resources.ts'
import { createSchemaCheck } from './schema-check.ts'
import { abortable } from './servers/abortable.ts'
import { withReadableContent } from './servers/content.ts'
import { createReaper } from './servers/reaper.ts'
import { createHostedServer, type HostedServer, type ServerLimits } from './servers/server.ts'
import { createSlots } from './servers/slots.ts'
import { type SuspicionIn, suspicionAmong } from './shadowing.ts'
import {
  type CallOptions,
  type Catalogue,
  type CatalogueKeeper,
  type CheckedArguments,
  type HostedTool,
  type LoginKeeper,
  type PinChange,
  type PinKeeper,
  type RawResult,
  type ServerOptions,
  ToolError,
  type ToolHost,
} from './tool.ts'

export interface ToolHostOptions {
  servers: readonly ServerOptions[]
  keeper: CatalogueKeeper
  /** Where pins are kept; among the rows of `keeper` unless told. */
  pinKeeper?: PinKeeper | undefined
  /** Without it nobody is logged in anywhere. */
  logins?: LoginKeeper | undefined
  log: Log
  clock?: (() => number) | undefined
  /** Who we say we are to servers. */
  clientInfo?: { name: string; version: string } | undefined
  /** Names that no hosted tool may have: our own. */
  reserved?: readonly string[] | undefined
  limits?: Partial<ServerLimits> | undefined
}

const defaultLimits: ServerLimits = {
  // `npx` may have to fetch the server first.
  startMs: 60_000,
  probeMs: 4000,
  maxMessageBytes: 32 * 1024 * 1024,
  maxCallMs: 3_600_000,
  maxConnections: 8,
}
const backgroundStarts = 4
/** A server that is known from its last run is asked again when the start of everything else is over. */
const confirmAfterMs = 1000
/** Another process may have accepted a definition. */
const pinPollMs = 15_000

/** The servers behind Signalbox, as one. Nothing is started or read before `start` or the first use. */
export function createToolHost({
  servers,
  keeper,
  pinKeeper = pinRows(keeper),
  logins,
  log,
  clock = Date.now,
  clientInfo = { name: 'signalbox', version: '0' },
  reserved = [],
  limits,
}: ToolHostOptions): ToolHost {
  const reaper = createReaper({ log })
  const background = createSlots(backgroundStarts)
  const checks = createSchemaCheck({ log })
  const pins = createPins({ keeper: pinKeeper, log, clock })
  const hosted = new Map<string, HostedServer>()
  const retiring = new Set<Promise<void>>()
  const retired = new Set<HostedServer>()
  const listeners = new Set<(catalogue: Catalogue) => void>()
  const reservedNames = new Set(reserved)
  const told = new Set<string>()
  let built: BuiltCatalogue = buildCatalogue([], reservedNames)
  let suspected: { readonly of: readonly unknown[]; readonly suspicionIn: SuspicionIn } = { of: [], suspicionIn: suspicionAmong([]) }
  let loading: Promise<void> | undefined
  let confirmTimer: NodeJS.Timeout | undefined
  let pinTimer: NodeJS.Timeout | undefined
  let isClosed = false

  /**
   * A rebuild reads all tools of all servers: those that list while one runs are taken up together. What is listed while pins are
   * written is seen before the catalogue is built, else its tools would be held back as unseen until the next time.
   */
  const takeUp = inTurn(async () => {
    let seen: ReadonlySet<unknown>
    do {
      seen = listings()
      await takeUpAll()
    } while (!listings().isSubsetOf(seen))
    rebuild()
  })
  const listings = () => new Set([...hosted.values()].map(({ listing }) => listing))

  for (const options of servers) add(options)

  function add(options: ServerOptions): HostedServer {
    const server = createHostedServer({
      server: options,
      keeper,
      logins,
      log,
      clock,
      clientInfo,
      limits: { ...defaultLimits, ...limits },
      reaper,
      background,
      onListing: takeUp,
    })
    hosted.set(options.name, server)
    return server
  }

  async function load(server: HostedServer): Promise<void> {
    // Pins first: what is listed while they are unknown would be taken for new.
    await pins.read(server.options)
    await server.load()
  }

  /** All servers each time: what one lists can make another's tool suspicious. */
  async function takeUpAll(): Promise<void> {
    const suspicionIn = suspicions()
    await Promise.all(
      [...hosted.values()].map(({ options, listing }) => pins.see(options, listing.tools, (tool) => suspicionIn(options.name, tool))),
    )
  }

  /** Made anew when a server lists something else, or is configured otherwise. */
  function suspicions(): SuspicionIn {
    const of = [...hosted.values()].flatMap(({ options, listing }) => [options, listing])
    if (of.length === suspected.of.length && of.every((one, place) => one === suspected.of[place])) return suspected.suspicionIn
    const all = [...hosted.values()].map(({ options, listing }) => ({
      server: options.name,
      tools: listing.tools.filter((tool) => isAllowed(String(tool['name']), options)),
    }))
    suspected = { of, suspicionIn: suspicionAmong(all) }
    return suspected.suspicionIn
  }

  function loaded(): Promise<void> {
    loading ??= Promise.all([...hosted.values()].map(load)).then(takeUp)
    return loading
  }

  function rebuild(): void {
    if (isClosed) return
    const suspicionIn = suspicions()
    const views = [...hosted.values()].map(({ options, listing }) => ({
      options,
      listing,
      verdict: (tool: Record<string, unknown>) => pins.verdict(options, tool, suspicionIn(options.name, tool)),
    }))
    const before = built.catalogue.hash
    built = buildCatalogue(views, reservedNames)
    tellClashes()
    tellQuarantined()
    pollPins()
    if (built.catalogue.hash === before) return
    for (const listener of listeners) listener(built.catalogue)
  }

  function tellClashes(): void {
    for (const { wanted, names } of built.clashes) {
      const text = names.map(({ server, original, name }) => `"${original}" of server "${server}" is "${name}"`).join(', ')
      warnOnce(`The name "${wanted}" is not free: ${text}`)
    }
  }

  function tellQuarantined(): void {
    const waiting = Object.groupBy(
      built.catalogue.tools.filter(({ quarantined }) => quarantined !== undefined),
      ({ server }) => server,
    )
    for (const [server, tools = []] of Object.entries(waiting)) {
      const [first, ...others] = tools.map(({ name }) => name)
      const names = others.length === 0 ? `${first} is` : `${first} and ${others.length} more are`
      warnOnce(`Of server "${server}" ${names} held back: ${tools[0]?.quarantined}, and to accept it (signalbox tools pin ${first})`)
    }
    for (const { server, kind, reason } of built.withheld) warnOnce(`A ${kind} of server "${server}" is not hosted: ${reason}`)
  }

  function warnOnce(text: string): void {
    if (told.has(text)) return
    told.add(text)
    log.warn(text)
  }

  function pollPins(): void {
    clearTimeout(pinTimer)
    if (!built.catalogue.tools.some(({ quarantined }) => quarantined !== undefined)) return
    pinTimer = setTimeout(async () => {
      await Promise.all([...hosted.values()].map(({ options }) => pins.read(options)))
      rebuild()
    }, pinPollMs).unref()
  }

  function pinChanges(): PinChange[] {
    const offered = new Map(
      [...hosted.keys()].flatMap((server) => pins.waiting(server).map((pin) => [`${server}\0${pin.tool}`, pin] as const)),
    )
    return built.catalogue.tools.flatMap((tool) => {
      const pin = tool.quarantined === undefined ? undefined : offered.get(`${tool.server}\0${tool.tool}`)
      if (!pin) return []
      return [{ name: tool.name, kind: pin.pinned ? ('changed' as const) : ('new' as const), reason: tool.quarantined ?? '', ...pin }]
    })
  }

  function serverOf(name: string, called: string): HostedServer {
    const server = hosted.get(name)
    if (!server) throw lookupError(called, `No server is called "${name}"`)
    return server
  }

  async function callableTool(name: string): Promise<HostedTool> {
    await loaded()
    const tool = built.toolsByName.get(name)
    if (!tool) {
      const nearest = nearestNames(
        name,
        built.catalogue.tools.filter(({ quarantined }) => quarantined === undefined).map((known) => known.name),
      )
      throw lookupError(
        name,
        `No hosted tool is called "${name}"${nearest.length > 0 ? `. The nearest are ${nearest.join(', ')}` : ''}`,
        nearest,
      )
    }
    if (tool.quarantined === undefined) return tool
    if (await pins.read(serverOf(tool.server, name).options)) await takeUp()
    const again = built.toolsByName.get(name)
    if (again && again.quarantined === undefined) return again
    throw lookupError(name, `"${name}" of server "${tool.server}" is quarantined: ${tool.quarantined}`)
  }

  async function checkedArguments(tool: HostedTool, received: unknown): Promise<CheckedArguments> {
    const validate = await checks.validator(tool.inputSchema, { server: tool.server, tool: tool.tool, called: 'arguments' })
    const checked = checkArguments(received, tool.inputSchema, validate)
    if ('fault' in checked) throw inputError(tool, checked.fault)
    return checked
  }

  async function checkedResult(tool: HostedTool, received: RawResult, { onDrift }: CallOptions): Promise<RawResult> {
    const { result, fault } = withReadableContent(received)
    if (fault !== undefined) onDrift?.(fault)
    const structured = result['structuredContent']
    if (!tool.outputSchema || result['isError'] === true) return result
    if (structured === undefined) {
      onDrift?.('it has no structured content, which the tool has declared')
      return result
    }
    const what = { server: tool.server, tool: tool.tool, called: 'structuredContent' }
    const faults = await checks.faults(structured, tool.outputSchema, what)
    if (faults !== undefined) onDrift?.(faults)
    return result
  }

  async function routeOf(uri: string): Promise<ResourceRoute> {
    await loaded()
    const { resources, templates } = built.catalogue
    const routes = (await routesOf(uri, resources, templates)).filter(({ server }) => hosted.has(server))
    const [route, ...others] = routes
    if (!route) throw lookupError(uri, `No hosted server has the resource "${uri}"`)
    if (others.length > 0)
      throw lookupError(uri, `"${uri}" is not clear: servers ${routes.map(({ server }) => `"${server}"`).join(', ')} may have it`)
    return route
  }

  async function promptOf(name: string) {
    await loaded()
    const prompt = built.promptsByName.get(name)
    if (prompt) return prompt
    const nearest = nearestNames(name, built.promptsByName.keys())
    throw lookupError(name, `No hosted prompt is called "${name}"`, nearest)
  }

  function retire(server: HostedServer): void {
    retired.add(server)
    const ending = server.retire().finally(() => {
      retired.delete(server)
      retiring.delete(ending)
    })
    retiring.add(ending)
  }

  return {
    start() {
      void loaded().then(() => {
        if (isClosed) return
        for (const server of hosted.values()) if (!server.hasSnapshot) void server.confirm()
        confirmTimer = setTimeout(() => {
          for (const server of hosted.values()) void server.settled()
        }, confirmAfterMs).unref()
      })
    },

    loaded,

    async settled(signal) {
      const all = loaded().then(() => Promise.all([...hosted.values()].map((server) => server.settled())))
      await (signal ? abortable(all, signal) : all)
    },

    catalogue: () => built.catalogue,
    find: (name) => built.toolsByName.get(name),
    pins: pinChanges,

    servers() {
      const count = new Map<string, number>()
      for (const { server } of built.catalogue.tools) count.set(server, (count.get(server) ?? 0) + 1)
      return [...hosted.values()].map((server) => ({ ...server.state(), tools: count.get(server.options.name) ?? 0 }))
    },

    async call(name, received, options) {
      options.signal?.throwIfAborted()
      const tool = await callableTool(name)
      const { args } = await checkedArguments(tool, received)
      const request = { method: 'tools/call', params: { name: tool.tool, arguments: args }, called: name, inputSchema: tool.inputSchema }
      return checkedResult(tool, await serverOf(tool.server, name).perform(request, options), options)
    },

    checkArguments: async (name, received) => checkedArguments(await callableTool(name), received),

    async getPrompt(name, args, options) {
      const { server, prompt } = await promptOf(name)
      return serverOf(server, name).perform({ method: 'prompts/get', params: { name: prompt, arguments: args }, called: name }, options)
    },

    async readResource(uri, options) {
      const { server, original } = await routeOf(uri)
      const result = await serverOf(server, uri).perform({ method: 'resources/read', params: { uri: original }, called: uri }, options)
      return uri === original ? result : withUri(result, original, uri)
    },

    async complete(ref, argument, context, options) {
      const called = ref.type === 'ref/prompt' ? ref.name : ref.uri
      const { server, original } = ref.type === 'ref/prompt' ? await promptRoute(ref.name) : await templateRoute(ref.uri)
      const inner = ref.type === 'ref/prompt' ? { type: ref.type, name: original } : { type: ref.type, uri: original }
      const params = { ref: inner, argument, ...(context ? { context: { arguments: context } } : {}) }
      return serverOf(server, called).perform({ method: 'completion/complete', params, called }, options)
    },

    async subscribe(uri, listener, options) {
      const { server, original } = await routeOf(uri)
      return serverOf(server, uri).subscribe(original, listener, options)
    },

    async acceptPin(name, hash) {
      await loaded()
      const change = pinChanges().find((waiting) => waiting.name === name)
      if (!change) throw lookupError(name, `No definition of "${name}" waits to be accepted`)
      if (hash !== undefined && hash !== change.hash)
        throw lookupError(name, `The definition of "${name}" that waits is not the one that was shown: look at it again`)
      await pins.accept(serverOf(change.server, name).options, change.tool)
      rebuild()
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async configure(next) {
      await loaded()
      // A change that comes while everything ends would start what nobody ends.
      if (isClosed) return
      const wanted = new Map(next.map((options) => [options.name, options]))
      const fresh: HostedServer[] = []
      for (const [name, server] of [...hosted]) {
        const options = wanted.get(name)
        if (options && canonicalJson(options.transport) === canonicalJson(server.options.transport)) continue
        hosted.delete(name)
        retire(server)
      }
      for (const options of next) {
        const known = hosted.get(options.name)
        if (known) known.update(options)
        else fresh.push(add(options))
      }
      await Promise.all(fresh.map(load))
      await takeUp()
      if (!isClosed) for (const server of fresh) void server.confirm()
    },

    async close() {
      isClosed = true
      clearTimeout(confirmTimer)
      clearTimeout(pinTimer)
      pins.close()
      await Promise.all([...hosted.values(), ...retired].map((server) => server.close()))
      await Promise.all(retiring)
      reaper.close()
    },
  }

  async function promptRoute(name: string): Promise<ResourceRoute> {
    const { server, prompt } = await promptOf(name)
    return { server, original: prompt }
  }

  async function templateRoute(uri: string): Promise<ResourceRoute> {
    await loaded()
    const namespaced = parseNamespacedUri(uri)
    if (namespaced) return namespaced
    const template = built.catalogue.templates.find(({ uriTemplate }) => uriTemplate === uri)
    return template ?? routeOf(uri)
  }
}

function lookupError(tool: string, message: string, nearest: readonly string[] = []): ToolError {
  return new ToolError(message, { tool, stage: 'lookup', nearest })
}

function inputError(tool: HostedTool, fault: string): ToolError {
  return new ToolError(`"${tool.name}" cannot be called like this: ${fault}`, { tool: tool.name, stage: 'input', kind: 'schema' })
}

/** The client is answered under the URI that it asked for. */
function withUri(result: RawResult, original: string, uri: string): RawResult {
  const contents = result['contents']
  if (!Array.isArray(contents)) return result
  return { ...result, contents: contents.map((item) => (asObject(item)?.['uri'] === original ? { ...item, uri } : item)) }
}
