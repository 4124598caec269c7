import type { HostedPrompt, HostedResource, HostedTemplate, HostedTool } from '../../tools/tool.ts'
import { asOwner, type Viewer } from '../caller.ts'
import type { Signalbox } from '../signalbox.ts'

/** What a client sees of the hosted servers themselves. */
export interface DirectLists {
  readonly tools: readonly HostedTool[]
  readonly prompts: readonly HostedPrompt[]
  readonly resources: readonly HostedResource[]
  readonly templates: readonly HostedTemplate[]
}

/** Servers with `expose: direct`, less what is quarantined and what would shadow a tool of our own. */
export function directLists(box: Signalbox, viewer: Viewer): DirectLists {
  const servers = new Set(box.directServers(viewer))
  if (servers.size === 0) return { tools: [], prompts: [], resources: [], templates: [] }
  const own = new Set(box.operations(viewer).map((operation) => operation.name))
  const reach = box.reach(viewer)
  const isDirect = ({ server }: { server: string }) => servers.has(server)
  const isOpen = ({ server }: { server: string }) => servers.has(server) && reach.content(server)
  const { tools, prompts, resources, templates } = box.host.catalogue()
  return {
    tools: tools.filter(
      (tool) => isDirect(tool) && tool.quarantined === undefined && !own.has(tool.name) && box.direct.shows(tool, viewer),
    ),
    prompts: prompts.filter(isOpen),
    resources: resources.filter(isOpen),
    templates: templates.filter(isOpen),
  }
}

export interface ListListener {
  toolsChanged(): void
  promptsChanged(): void
  resourcesChanged(): void
}

/**
 * Tells when a list that the owner or a role sees through this profile has really changed, by a reload or a direct server:
 * other servers' changes are nobody's business here.
 */
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
  const viewers = [asOwner(profile), ...box.roles().map((role) => ({ profile, roles: [role] }))]
  const all = viewers.map((viewer) => fingerprint(box, viewer))
  const joined = (kind: keyof ReturnType<typeof fingerprint>) => JSON.stringify(all.map((one) => one[kind]))
  return { tools: joined('tools'), prompts: joined('prompts'), resources: joined('resources') }
}

function fingerprint(box: Signalbox, viewer: Viewer) {
  const { tools, prompts, resources, templates } = directLists(box, viewer)
  const own = box.operations(viewer).map((operation) => operation.name)
  return {
    tools: JSON.stringify([own, tools.map((tool) => [tool.name, tool.hash])]),
    prompts: JSON.stringify(prompts.map((prompt) => [prompt.name, prompt.definition])),
    resources: JSON.stringify([
      ...resources.map((one) => [one.uri, one.definition]),
      ...templates.map((one) => [one.uriTemplate, one.definition]),
    ]),
  }
}
