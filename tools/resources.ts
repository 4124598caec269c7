import type { HostedResource, HostedTemplate } from './tool.ts'

const root = 'signalbox://hosted/'

/** Where a resource or template is found whose own URI several servers use. */
export function namespacedUri(server: string, original: string): string {
  return `${root}${encodeURIComponent(server)}/${original}`
}

export function parseNamespacedUri(uri: string): { server: string; original: string } | undefined {
  if (!uri.startsWith(root)) return undefined
  const slash = uri.indexOf('/', root.length)
  if (slash === -1) return undefined
  return { server: decodeURIComponent(uri.slice(root.length, slash)), original: uri.slice(slash + 1) }
}

export interface ResourceRoute {
  readonly server: string
  readonly original: string
}

/**
 * The servers that may have a resource: those that list it, else those with a template that fits, else those that list
 * others of its scheme, because a server need not list all that it links to.
 */
export async function routesOf(
  uri: string,
  resources: readonly HostedResource[],
  templates: readonly HostedTemplate[],
): Promise<ResourceRoute[]> {
  const namespaced = parseNamespacedUri(uri)
  if (namespaced) return [namespaced]
  const listed = resources.filter(({ original }) => original === uri)
  if (listed.length > 0) return toRoutes(listed, uri)
  const { fitsTemplate } = await import('./servers/uri-templates.ts')
  const fitting = templates.filter(({ original }) => fitsTemplate(uri, original))
  if (fitting.length > 0) return toRoutes(fitting, uri)
  const scheme = schemeOf(uri)
  return toRoutes(
    [...resources, ...templates].filter(({ original }) => schemeOf(original) === scheme),
    uri,
  )
}

function toRoutes(entries: readonly { server: string }[], original: string): ResourceRoute[] {
  return [...new Set(entries.map(({ server }) => server))].map((server) => ({ server, original }))
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(':') + 1).toLowerCase()
}
