import type { HostedPrompt, HostedResource, HostedTemplate, HostedTool } from '../../tools/tool.ts'
import type { Signalbox } from '../signalbox.ts'

/** What a client of this profile sees of the hosted servers themselves. */
export interface DirectLists {
  readonly tools: readonly HostedTool[]
  readonly prompts: readonly HostedPrompt[]
  readonly resources: readonly HostedResource[]
  readonly templates: readonly HostedTemplate[]
}

/** Servers with `expose: direct`, less what is quarantined and what would shadow a tool of our own. */
export function directLists(box: Signalbox, profile: string | undefined): DirectLists {
  const servers = new Set(box.directServers(profile))
  if (servers.size === 0) return { tools: [], prompts: [], resources: [], templates: [] }
  const own = new Set(box.operations(profile).map((operation) => operation.name))
  const isDirect = ({ server }: { server: string }) => servers.has(server)
  const { tools, prompts, resources, templates } = box.host.catalogue()
  return {
    tools: tools.filter(
      (tool) => isDirect(tool) && tool.quarantined === undefined && !own.has(tool.name) && box.direct.shows(tool, profile),
    ),
    prompts: prompts.filter(isDirect),
    resources: resources.filter(isDirect),
    templates: templates.filter(isDirect),
  }
}

export interface ListListener {
  toolsChanged(): void
  promptsChanged(): void
  resourcesChanged(): void
}

/** Tells when a list that this profile sees has really changed, by a reload or a direct server: other servers' changes are nobody's business here. */
export function watchDirectLists(box: Signalbox, profile: string | undefined, listener: ListListener): () => void {
  let seen = fingerprints(box, profile)
  return box.onChange(() => {
    const now = fingerprints(box, profile)
    const before = seen
    seen = now
    if (now.tools !== before.tools) listener.toolsChanged()
    if (now.prompts !== before.prompts) listener.promptsChanged()
    if (now.resources !== before.resources) listener.resourcesChanged()
  })
}

function fingerprints(box: Signalbox, profile: string | undefined) {
  const { tools, prompts, resources, templates } = directLists(box, profile)
  const own = box.operations(profile).map((operation) => operation.name)
  return {
    tools: JSON.stringify([own, tools.map((tool) => [tool.name, tool.hash])]),
    prompts: JSON.stringify(prompts.map((prompt) => [prompt.name, prompt.definition])),
    resources: JSON.stringify([
      ...resources.map((one) => [one.uri, one.definition]),
      ...templates.map((one) => [one.uriTemplate, one.definition]),
    ]),
  }
}
