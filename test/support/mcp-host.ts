import type {
  CallOptions,
  Catalogue,
  HostedPrompt,
  HostedResource,
  HostedTemplate,
  HostedTool,
  RawResult,
  ToolHost,
} from '../../tools/tool.ts'
import { ToolError } from '../../tools/tool.ts'

export interface FakeTool {
  readonly definition: { name: string; description?: string; inputSchema?: Record<string, unknown>; outputSchema?: Record<string, unknown> }
  call(args: Record<string, unknown>, options: CallOptions): Promise<RawResult>
}

export interface FakeHostContent {
  readonly tools?: readonly FakeTool[]
  readonly prompts?: readonly { definition: { name: string; [key: string]: unknown }; get(args: Record<string, string>): RawResult }[]
  readonly resources?: readonly { definition: { uri: string; name: string; [key: string]: unknown }; read(): RawResult }[]
  readonly templates?: readonly { uriTemplate: string; name: string; [key: string]: unknown }[]
}

export interface FakeHost extends ToolHost {
  /** Replaces what is hosted, as a server does that announces a changed list. */
  change(content: FakeHostContent): void
  /** Says that a subscribed resource has changed. */
  touch(uri: string): void
  readonly subscribed: ReadonlySet<string>
}

/** One hosted server called `direct`, in this process. */
export function fakeHost(start: FakeHostContent = {}): FakeHost {
  let content = start
  const listeners = new Set<(catalogue: Catalogue) => void>()
  const watched = new Map<string, Set<() => void>>()
  const subscribed = new Set<string>()

  const catalogue = (): Catalogue => ({
    tools: (content.tools ?? []).map((tool) => toHosted(tool.definition)),
    prompts: (content.prompts ?? []).map(
      ({ definition }): HostedPrompt => ({ name: definition.name, server: 'direct', prompt: definition.name, definition }),
    ),
    resources: (content.resources ?? []).map(
      ({ definition }): HostedResource => ({ uri: definition.uri, server: 'direct', original: definition.uri, definition }),
    ),
    templates: (content.templates ?? []).map(
      (definition): HostedTemplate => ({
        uriTemplate: definition.uriTemplate,
        server: 'direct',
        original: definition.uriTemplate,
        definition,
      }),
    ),
    hash: JSON.stringify(content),
  })

  return {
    subscribed,
    start: () => undefined,
    loaded: async () => undefined,
    pins: () => [],
    acceptPin: async () => undefined,
    settled: async () => undefined,
    catalogue,
    servers: () => [],
    find: (name) => catalogue().tools.find((tool) => tool.name === name),
    async call(name: string, args: Record<string, unknown>, options: CallOptions) {
      const tool = content.tools?.find((one) => one.definition.name === name)
      if (tool === undefined) throw new ToolError(`Cannot call ${name}: there is no such tool`, { tool: name, stage: 'lookup' })
      return tool.call(args, options)
    },
    checkArguments: async (_name, args) => ({ args: args as Record<string, unknown>, warnings: [] }),
    async getPrompt(name, args) {
      const prompt = content.prompts?.find((one) => one.definition.name === name)
      if (prompt === undefined) throw new ToolError(`Cannot get ${name}: there is no such prompt`, { tool: name, stage: 'lookup' })
      return prompt.get(args)
    },
    async readResource(uri) {
      const resource = content.resources?.find((one) => one.definition.uri === uri)
      if (resource === undefined) throw new ToolError(`Cannot read ${uri}: no server has it`, { tool: uri, stage: 'lookup' })
      return resource.read()
    },
    complete: async (_ref, { value }): Promise<RawResult> => ({ completion: { values: [`${value}-completed`] } }),
    async subscribe(uri, listener) {
      if (!content.resources?.some((one) => one.definition.uri === uri)) {
        throw new ToolError(`Cannot subscribe to ${uri}: no server has it`, { tool: uri, stage: 'lookup' })
      }
      const all = watched.get(uri) ?? new Set()
      watched.set(uri, all.add(listener))
      subscribed.add(uri)
      return async () => {
        all.delete(listener)
        if (all.size === 0) subscribed.delete(uri)
      }
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    configure: async () => undefined,
    close: async () => undefined,
    change(next) {
      content = next
      for (const listener of listeners) listener(catalogue())
    },
    touch(uri) {
      for (const listener of watched.get(uri) ?? []) listener()
    },
  }
}

function toHosted(definition: FakeTool['definition']): HostedTool {
  return {
    name: definition.name,
    server: 'direct',
    tool: definition.name,
    description: definition.description ?? '',
    inputSchema: definition.inputSchema ?? { type: 'object' },
    outputSchema: definition.outputSchema,
    definition: { inputSchema: { type: 'object' }, ...definition },
    readOnly: false,
    hash: JSON.stringify(definition),
  }
}
