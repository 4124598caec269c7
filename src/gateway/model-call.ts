import { randomHex } from '../../models/ids.ts'
import { type ClientFormat, ClientRequestError } from '../../models/wire/client-format.ts'
import type { AnswerGuard, GuardedRequest } from '../computer/answer-guard.ts'
import { dispatchStep } from '../dispatch/dispatch.ts'
import type { Heard } from '../dispatch/heard.ts'
import type { CacheControl } from '../dispatch/kept-answers.ts'
import type { StepRequest } from '../dispatch/step-request.ts'
import { capsOf } from '../reach.ts'
import { answerHeaders } from './answer-headers.ts'
import { namedBy } from './asked-model.ts'
import { createClientAnswer } from './client-answer.ts'
import { failureOf } from './failure.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import { passageOf } from './passage-of.ts'
import type { ReadBody } from './read-body.ts'
import { headersOf } from './request-headers.ts'
import { readStepMetadata } from './step-metadata.ts'

/** One call of a model, whatever format it comes in: a step on the line, answered in the client's own format. */
export async function answerModelCall(
  services: GatewayServices,
  { path, grant, headers, request, response, signal }: GatewayRequest,
  { format, body }: { format: ClientFormat; body: ReadBody },
): Promise<void> {
  const asked = format.readRequest(body.json)
  const { pool, model, pools } = namedBy(asked.model, services, grant)
  const reached = new Set(pools.map(({ name }) => name))
  const said = readStepMetadata(headers, undefined)
  if ('refused' in said) throw new ClientRequestError('headers', said.refused)
  const { principal } = grant
  const { previousResponse } = asked
  const before = previousResponse === undefined ? undefined : await services.responses.get(principal, previousResponse)
  // Its vendor may well know an answer that was given to somebody else here: both are asked with one credential.
  if (previousResponse !== undefined && before === undefined) {
    throw new ClientRequestError('previous_response_id', `must be an answer that is stored here, received ${previousResponse}`)
  }
  const identity = await services.sessions.identify(principal, headers, asked, before)
  const ofSession = { principal, client: format.name, session: identity.session }
  const messages = before === undefined ? asked.messages : [...before.messages, ...asked.messages]
  const ledger = await services.ledger.lookup({ ...ofSession, messages })
  const passage = passageOf({
    format,
    path: path.slice('/v1'.length),
    headers: headersOf(request),
    given: { ...body, request: asked },
    ledger,
    before,
  })
  const step: StepRequest = {
    principal,
    conversation: identity.session,
    partedFrom: identity.parent,
    background: identity.background,
    client: request.headers['user-agent']?.slice(0, 100),
    thread: undefined,
    messages,
    system: asked.system,
    mayUsePool: (name) => reached.has(name),
    caps: capsOf(grant),
    pool,
    model,
    maxOutputTokens: asked.maxOutputTokens,
    responseSchema: asked.responseSchema,
    temperature: asked.temperature,
    tools: asked.tools,
    toolChoice: asked.toolChoice,
    parameters: {
      topP: asked.topP,
      stopSequences: asked.stopSequences,
      reasoning: asked.reasoning,
      parallelToolCalls: asked.parallelToolCalls,
      systemCacheBreakpoint: asked.systemCacheBreakpoint,
      cacheKey: asked.cacheKey,
    },
    roles: grant.roles,
    metadata: said.metadata,
    cache: cacheControlOf(headers),
    untranslated: asked.untranslated,
    passage,
  }
  const guard = await guardOver(services, {
    caller: { ...grant, door: 'http', capabilities: {} },
    signal,
    tools: asked.tools,
    messages,
    session: identity.session,
    approval: headers.get('x-signalbox-approval') ?? undefined,
  })
  const id = randomHex()
  const answer = createClientAnswer({
    response,
    format,
    frame: {
      request: asked,
      id,
      createdAt: services.now(),
      // Only translations tell it.
      get inputTokens() {
        return services.tokens.estimateMessages(messages, asked.system, asked.tools)
      },
      seal: (part) => services.ledger.seal(principal, part),
    },
    headers: (heard) =>
      answerHeaders(heard, {
        untranslated: asked.untranslated,
        debug: request.headers['x-signalbox-debug'] === 'true',
        guarded: guard?.verdicts(),
      }),
  })
  let hasItsOwnId: boolean | undefined
  const pass = async ({ deployment, ...heard }: Heard) => {
    const last = heard.events.at(-1)
    // A stream keeps the id that it began with.
    hasItsOwnId = asked.stream ? (hasItsOwnId ?? heard.bytes !== undefined) : heard.bytes !== undefined
    if (last?.type === 'finish') {
      services.ledger.record({ ...ofSession, deployment, message: last.message })
      // A client may go on from an answer as soon as it is whole.
      if (asked.stores) {
        const own = {
          id: (hasItsOwnId ? last.answerId : undefined) ?? `resp_${id}`,
          previous: before && previousResponse,
          session: identity.session,
        }
        await services.responses.put(principal, { ...own, messages: [...(before === undefined ? messages : asked.messages), last.message] })
      }
    }
    await answer.hear({ deployment, ...heard })
  }
  const onArrival = async (arrival: Heard) => {
    if (guard === undefined) return pass(arrival)
    for (const heard of await guard.hear(arrival)) await pass(heard)
  }
  try {
    await dispatchStep(services, step, { signal, onArrival, guarded: guard?.verdicts })
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    if (failure.status === 500) services.log.error(`Cannot answer ${path}`, { error })
    answer.fail(failure)
  }
}

/** Who has no computer loads no guard. */
async function guardOver(services: GatewayServices, request: GuardedRequest): Promise<AnswerGuard | undefined> {
  if (request.tools.every(({ computer }) => computer === undefined)) return undefined
  const { openAnswerGuard } = await import('../computer/answer-guard.ts')
  return openAnswerGuard(services, request)
}

/** Of HTTP's own header: the stronger of what it says. */
function cacheControlOf(headers: Headers): CacheControl | undefined {
  const said = (headers.get('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
  return (['no-store', 'no-cache'] as const).find((one) => said.includes(one))
}
