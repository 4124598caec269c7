import { z } from 'zod'
import { textOf } from '../../models/message.ts'
import { cleanDescription, describeCatalogue, signatureOf } from '../../tools/describe.ts'
import type { ToolHit } from '../../tools/search.ts'
import type { Catalogue, HostedTool } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import { explore, exploredDepth } from '../learning/explore.ts'
import { absentServerOf, absentServers } from './absent-servers.ts'
import { InputError } from './errors.ts'
import type { Operation } from './operation.ts'
import { allowedTo, effectOf, isAllowed } from './permission.ts'
import { answer } from './result.ts'
import type { Services } from './services.ts'
import { isTainted } from './taint.ts'

const input = z.strictObject({
  need: z.string().min(1).max(4000).optional().describe('what this step has to do, in your own words'),
  thread: z.string().min(1).max(200).optional(),
  limit: z.int().min(1).max(20).default(5),
  detail: z.enum(['brief', 'full']).optional(),
  names: z.array(z.string().max(200)).min(1).max(20).optional().describe('exact names, for their full schemas'),
  cursor: z.string().max(20).optional(),
})
type Input = z.infer<typeof input>

const output = z.looseObject({
  tools: z.array(z.looseObject({ name: z.string(), call_with: z.string() })),
  none_fits: z.boolean(),
  confidence: z.number(),
  searched: z.string(),
})

/** How many turns of a thread turn the query a little. */
const contextTurns = 4
const descriptionCharacters = 900

/** `catalogue` is the snapshot that the description is made from: it does not change under a client's hands. */
export function createFindTools(services: Services, catalogue: Catalogue): Operation {
  let described: string | undefined
  return {
    name: 'find_tools',
    title: 'Find the tools for a step',
    // Who only searches does not wait until all tools have been read for it.
    get description() {
      described ??= descriptionFor(catalogue)
      return described
    },
    input,
    output,
    annotations: { readOnlyHint: true, openWorldHint: false },
    meta: { 'anthropic/alwaysLoad': true },
    run: async (given: Input, context) => {
      if ((given.need === undefined) === (given.names === undefined)) {
        throw new InputError(
          `Cannot find tools: give exactly one of need and names, received ${given.need === undefined ? 'neither' : 'both'}`,
        )
      }
      return given.names === undefined ? byNeed(services, given, context) : byNames(services, given.names, context.caller)
    },
  }
}

function descriptionFor(catalogue: Catalogue): string {
  const behind = describeCatalogue(catalogue, { maxCharacters: descriptionCharacters })
  const what = 'Finds the hosted tools that fit a step by meaning; run one with what its call_with says. Search anew for each step.'
  return behind === '' ? what : `${what} ${behind}`
}

function byNames(services: Services, names: readonly string[], caller: Caller) {
  const found = names.flatMap((name) => {
    const tool = services.host.find(name)
    return tool !== undefined && isAllowed(services, tool, caller) ? [tool] : []
  })
  const missing = names
    .filter((name) => !found.some((tool) => tool.name === name))
    .map((name) => {
      const absent = absentServerOf(services, name, caller)
      if (absent !== undefined) return `"${name}" cannot be found: ${absent.why}.`
      const nearest = services.search.nearestNames(name, (one) => isAllowed(services, one, caller))
      return `There is no tool "${name}"${nearest.length === 0 ? '' : `; the nearest are ${nearest.join(', ')}`}.`
    })
  const tools = found.map((tool) => entryOf({ tool, score: 1 }, true))
  const fields = { tools, none_fits: found.length === 0, confidence: found.length === 0 ? 0 : 1, searched: 'names' }
  return answer(fields, [textOfEntries(tools), ...missing].join('\n'))
}

async function byNeed(services: Services, given: Input, { caller, signal }: { caller: Caller; signal: AbortSignal }) {
  const offset = Number(given.cursor ?? '0')
  if (!Number.isInteger(offset) || offset < 0)
    throw new InputError(`Cannot find tools: cursor must be one that find_tools gave, received "${given.cursor}"`)
  const { context, used, thread, tainted } = await historyOf(services, given.thread, caller.principal)
  const found = await services.search.find({
    need: given.need ?? '',
    context,
    used,
    allowed: allowedTo(services, caller),
    learned: services.learning.ranking(caller.principal),
    limit: offset + given.limit + exploredDepth,
    signal,
  })
  const { learning } = services.config()
  const explored = explore(found.hits, {
    shown: given.limit,
    // What does not fit is no better for being another.
    share: learning.enabled && !found.noneFits ? learning.exploration : 0,
    seed: `${services.outcomes.seed} ${caller.principal} ${given.need}`,
  })
  const shown = explored.slice(offset, offset + given.limit)
  services.outcomes.shown({
    principal: caller.principal,
    thread,
    need: found.asked,
    tools: shown.map(({ hit, propensity }) => ({ name: hit.tool.name, propensity })),
    tainted,
  })
  const tools = shown.map(({ hit }, index) =>
    entryOf(hit, given.detail === 'full' || (given.detail === undefined && index === 0 && offset === 0)),
  )
  const next = offset + given.limit < found.scored && shown.length === given.limit ? { next_cursor: String(offset + given.limit) } : {}
  const fields = { tools, none_fits: found.noneFits, confidence: round(found.confidence), searched: found.searched, ...next }
  const absent = absentServers(services, caller).map(({ why }) => `${why[0]?.toUpperCase()}${why.slice(1)}; its tools are not searched.`)
  if (tools.length === 0) return answer(fields, [noneFound(services, found.scored), ...absent].join('\n'))
  const notes = [
    ...(found.noneFits ? ['No hosted tool seems to fit; these are the nearest.'] : []),
    ...(found.searched === 'lexical' ? ['Searched by words only: no vectors are there (yet).'] : []),
    ...absent,
  ]
  return answer(fields, [...notes, textOfEntries(tools)].join('\n'))
}

/** `scored` tools were compared: none at all, or none that shares a word with the need, or the cursor is past the last. */
function noneFound({ host }: Services, scored: number): string {
  if (scored > 0) return `No (further) tool fits; ${scored} were compared.`
  if (host.catalogue().tools.length > 0) return 'No tool is open to you here.'
  return 'No tool is hosted: add MCP servers under tools: in the configuration.'
}

/** What was said last in the thread, which tools it has used, and whether text of others stands in it. */
async function historyOf(services: Services, idOrName: string | undefined, principal: string) {
  const thread = idOrName === undefined ? undefined : await services.threads.get(principal, idOrName)
  if (thread === undefined) return { context: undefined, used: undefined, thread: undefined, tainted: false }
  const turns = await services.threads.turns(principal, thread.thread, { last: contextTurns * 3 })
  const calls = turns.flatMap((turn) => turn.content.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])))
  const words = turns.slice(-contextTurns).map((turn) => textOf(turn.content).slice(0, 400))
  return {
    context: words.join('\n').trim() || undefined,
    // The newest last, also of those that were called before.
    used: [...new Set(calls.toReversed())].toReversed(),
    thread: thread.thread,
    tainted: await isTainted(services.threads, principal, thread.thread),
  }
}

/** The text of an answer with these tools, as a model reads it. */
export function answerText(tools: readonly HostedTool[]): string {
  return textOfEntries(tools.map((tool, index) => entryOf({ tool, score: 0.5 }, index === 0)))
}

/** A line for each, since a model pays for what indents; and without the server, which the name begins with or nobody needs. */
function textOfEntries(entries: readonly ReturnType<typeof entryOf>[]): string {
  return `[\n${entries.map(({ server: _, ...entry }) => JSON.stringify(entry)).join(',\n')}\n]`
}

function entryOf({ tool, score }: ToolHit, full: boolean) {
  const description = cleanDescription(tool.description)
  return {
    name: tool.name,
    server: tool.server,
    description: full ? description : (description.split('\n')[0] ?? '').slice(0, 200),
    ...(full ? { inputSchema: tool.inputSchema } : { signature: signatureOf(tool.inputSchema) }),
    call_with: callWith(tool),
    score: round(score),
  }
}

export function callWith(tool: HostedTool): string {
  return effectOf(tool) === 'read' ? 'call_tool' : 'call_tool_write'
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
