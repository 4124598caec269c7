import {
  annotationsOf,
  asObject,
  type Definition,
  hashesOf,
  isAllowed,
  isDestructive,
  isReadOnly,
  type Listing,
  needsTask,
  readsPrivate,
  sha256,
  staysInside,
} from './definitions.ts'
import { exposedNames, type NameClash } from './names.ts'
import type { PinVerdict } from './pins.ts'
import { namespacedUri } from './resources.ts'
import { suspicionsIn } from './suspicion.ts'
import type { Catalogue, HostedPrompt, HostedResource, HostedTemplate, HostedTool, ServerOptions } from './tool.ts'

/** One server as the catalogue sees it. */
export interface ServerView {
  readonly options: ServerOptions
  readonly listing: Listing
  /** What a tool may be shown as. */
  verdict(tool: Definition): PinVerdict
}

export interface BuiltCatalogue {
  readonly catalogue: Catalogue
  readonly toolsByName: ReadonlyMap<string, HostedTool>
  readonly promptsByName: ReadonlyMap<string, HostedPrompt>
  readonly clashes: readonly NameClash[]
  readonly withheld: readonly Withheld[]
}

/** A prompt, resource or template that is not hosted for its text. It is told without its name, which may be part of that text. */
export interface Withheld {
  readonly server: string
  readonly kind: 'prompt' | 'resource' | 'template'
  readonly reason: string
}

/** Puts together what all servers list. The same content gives the same catalogue, whatever the order of servers and lists. */
export function buildCatalogue(views: readonly ServerView[], reserved: ReadonlySet<string>): BuiltCatalogue {
  const { tools, clashes } = hostedTools(views, reserved)
  const prompts = hostedPrompts(views)
  const resources = hostedResources(views)
  const templates = hostedTemplates(views)
  const catalogue = { tools, prompts, resources, templates, hash: hashOf(tools, prompts, resources, templates) }
  return {
    catalogue,
    toolsByName: new Map(tools.map((tool) => [tool.name, tool])),
    promptsByName: new Map(prompts.map((prompt) => [prompt.name, prompt])),
    clashes,
    withheld: [
      ...withheldOf(views, 'prompts', 'prompt'),
      ...withheldOf(views, 'resources', 'resource'),
      ...withheldOf(views, 'templates', 'template'),
    ],
  }
}

function withheldOf(views: readonly ServerView[], list: keyof Listing, kind: Withheld['kind']): Withheld[] {
  return views.flatMap(({ options, listing }) => {
    const suspicionOf = suspicionsIn(listing[list])
    return listing[list].flatMap((definition) => {
      const suspicion = suspicionOf(definition)
      return suspicion ? [{ server: options.name, kind, reason: suspicion.reason }] : []
    })
  })
}

function hostedTools(views: readonly ServerView[], reserved: ReadonlySet<string>): { tools: HostedTool[]; clashes: NameClash[] } {
  const found = views.flatMap((view) =>
    distinct(view.listing.tools, 'name')
      .filter((tool) => isAllowed(String(tool['name']), view.options) && !needsTask(tool))
      .map((tool) => ({ view, tool, server: view.options.name, original: String(tool['name']), prefix: view.options.prefix })),
  )
  const { names, clashes } = exposedNames(found, reserved)
  const tools = found.map(({ view, tool }, index) => toHostedTool(names[index] as string, tool, view))
  return { tools: tools.sort(byKey('name')), clashes }
}

function toHostedTool(name: string, current: Definition, { options, verdict }: ServerView): HostedTool {
  const { definition, reason } = verdict(current)
  const readOnly = isReadOnly(definition, options)
  const annotations = annotationsOf(definition)
  const title = definition['title'] ?? annotations?.['title']
  return {
    name,
    server: options.name,
    tool: String(definition['name']),
    title: typeof title === 'string' ? title : undefined,
    description: typeof definition['description'] === 'string' ? definition['description'] : '',
    inputSchema: asObject(definition['inputSchema']) ?? { type: 'object' },
    outputSchema: asObject(definition['outputSchema']),
    annotations,
    definition,
    readOnly,
    destructive: readOnly ? undefined : isDestructive(definition, options),
    staysInside: staysInside(definition, options),
    readsPrivate: readsPrivate(definition, options),
    hash: hashesOf(definition).pinned,
    quarantined: reason === undefined ? undefined : `${reason}; it waits for a person to read it (signalbox tools diff)`,
  }
}

function hostedPrompts(views: readonly ServerView[]): HostedPrompt[] {
  const found = views.flatMap(({ options, listing }) =>
    hostable(listing.prompts, 'name').map((definition) => ({
      definition,
      server: options.name,
      original: String(definition['name']),
      prefix: options.prefix,
    })),
  )
  const { names } = exposedNames(found)
  return found
    .map(({ definition, server, original }, index) => ({ name: names[index] as string, server, prompt: original, definition }))
    .sort(byKey('name'))
}

function hostedResources(views: readonly ServerView[]): HostedResource[] {
  return located(views, 'resources', 'uri')
    .map(({ exposed, ...entry }) => ({ uri: exposed, ...entry }))
    .sort(byKey('uri'))
}

function hostedTemplates(views: readonly ServerView[]): HostedTemplate[] {
  return located(views, 'templates', 'uriTemplate')
    .map(({ exposed, ...entry }) => ({ uriTemplate: exposed, ...entry }))
    .sort(byKey('uriTemplate'))
}

function located(views: readonly ServerView[], kind: 'resources' | 'templates', key: string) {
  const found = views.flatMap(({ options, listing }) =>
    hostable(listing[kind], key).map((definition) => ({ server: options.name, original: String(definition[key]), definition })),
  )
  const count = new Map<string, number>()
  for (const { original } of found) count.set(original, (count.get(original) ?? 0) + 1)
  return found.map((entry) => ({
    ...entry,
    exposed: count.get(entry.original) === 1 ? entry.original : namespacedUri(entry.server, entry.original),
  }))
}

/** Tools have pins, and can be accepted; of the rest, what is suspicious is not hosted. */
function hostable(items: readonly Definition[], key: string): Definition[] {
  const suspicionOf = suspicionsIn(items)
  return distinct(items, key).filter((item) => suspicionOf(item) === undefined)
}

/** A server that lists one name twice is taken at its first word. */
function distinct(items: readonly Definition[], key: string): Definition[] {
  const seen = new Set<unknown>()
  return items.filter((item) => {
    const isNew = !seen.has(item[key])
    seen.add(item[key])
    return isNew
  })
}

function hashOf(
  tools: readonly HostedTool[],
  prompts: readonly HostedPrompt[],
  resources: readonly HostedResource[],
  templates: readonly HostedTemplate[],
): string {
  const content = [
    tools.map(({ name, server, definition, readOnly, destructive, staysInside: inside, readsPrivate: reads, quarantined }) => [
      name,
      server,
      hashesOf(definition).whole,
      readOnly,
      destructive,
      inside,
      reads,
      quarantined,
    ]),
    prompts.map(({ name, server, definition }) => [name, server, hashesOf(definition).whole]),
    resources.map(({ uri, server, definition }) => [uri, server, hashesOf(definition).whole]),
    templates.map(({ uriTemplate, server, definition }) => [uriTemplate, server, hashesOf(definition).whole]),
  ]
  // Arrays of words and truths have one JSON form.
  return sha256(JSON.stringify(content))
}

function byKey<K extends string>(key: K): (a: Record<K, string>, b: Record<K, string>) => number {
  return (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0)
}
