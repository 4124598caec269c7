import {
  type InputRequiredResult,
  ProtocolError,
  type ReadResourceResult,
  type Resource,
  ResourceNotFoundError,
  type ResourceTemplateType,
  type ServerContext,
  UriTemplate,
} from '@modelcontextprotocol/server'
import { ToolError } from '../../tools/tool.ts'
import type { Viewer } from '../caller.ts'
import { foreverMs } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import { openRequest } from './caller.ts'
import type { Connection } from './connection.ts'
import { directLists } from './direct.ts'
import { isDone, runOrResume } from './input-required.ts'
import { rawResultOf, relayedRequest } from './relay.ts'

export const ownScheme = 'signalbox://'

/** What Signalbox keeps, by id. None is listed: an id is found in the answer that made it. */
const ownTemplates: readonly ResourceTemplateType[] = [
  {
    name: 'decision',
    title: 'Decision',
    uriTemplate: `${ownScheme}decision/{id}`,
    description: 'Why a step was answered by that pool and model: candidates, rejections with their reasons, signals, cost',
    mimeType: 'application/json',
  },
  {
    name: 'thread',
    title: 'Thread',
    uriTemplate: `${ownScheme}thread/{id}`,
    description: 'All turns of a thread',
    mimeType: 'application/json',
  },
  { name: 'frame', title: 'Frame', uriTemplate: `${ownScheme}frame/{id}`, description: 'The original of an image that was made smaller' },
]

export function listResources(box: Signalbox, viewer: Viewer): Resource[] {
  return directLists(box, viewer).resources.map((one) => ({ ...one.definition, uri: one.uri }) as Resource)
}

export function listTemplates(box: Signalbox, viewer: Viewer): ResourceTemplateType[] {
  const hosted = directLists(box, viewer).templates.map(
    (one) => ({ ...one.definition, uriTemplate: one.uriTemplate }) as ResourceTemplateType,
  )
  return [...ownTemplates, ...hosted]
}

export async function readResource(
  connection: Connection,
  uri: string,
  ctx: ServerContext,
): Promise<ReadResourceResult | InputRequiredResult> {
  const box = await connection.options.signalbox
  const { context, end } = openRequest(connection, ctx)
  try {
    if (uri.startsWith(ownScheme)) {
      const found = await box.readResource(uri, context.caller)
      if (found === undefined) throw new ResourceNotFoundError(uri)
      return { contents: [found] } as ReadResourceResult
    }
    if (!mayReach(box, context.caller, uri)) throw new ResourceNotFoundError(uri)
    const relay = relayedRequest('resources/read', (options) => box.host.readResource(uri, options))
    const run = () => box.runs.execute(relay, {}, context, { handleAfterMs: foreverMs })
    const result = await runOrResume(connection, ctx, { box, target: uri, context, run, relayed: true })
    if (!isDone(result)) return result
    return { ...(rawResultOf(result) as ReadResourceResult), cacheScope: 'private' }
  } catch (error) {
    if (isNotFound(error)) throw new ResourceNotFoundError(uri)
    throw error
  } finally {
    await end()
  }
}

/** No server has it, or the one that should says so: both eras have a code for that. */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof ToolError)) return false
  const { cause } = error
  return error.stage === 'lookup' || cause instanceof ResourceNotFoundError || (cause instanceof ProtocolError && cause.code === -32002)
}

/** Links may point to any hosted server's resource; a profile narrows that to what it lists, roles and limits to servers that are reached. */
export function mayReach(box: Signalbox, viewer: Viewer, uri: string): boolean {
  const reach = box.reach(viewer)
  if (reach.everything) return true
  const hosted = viewer.profile === undefined ? box.host.catalogue() : directLists(box, viewer)
  const resources = hosted.resources.filter(({ server }) => reach.content(server))
  const templates = hosted.templates.filter(({ server }) => reach.content(server))
  return resources.some((one) => one.uri === uri) || templates.some((one) => new UriTemplate(one.uriTemplate).match(uri) !== null)
}
