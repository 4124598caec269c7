import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type ElicitInputParams,
  inputRequired,
  MissingRequiredClientCapabilityError,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { pngBase64, wavBase64 } from './fixture-media.ts'

type Result = Record<string, unknown>

export interface FixtureTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: Record<string, unknown> & { type: 'object' }
  call(args: Record<string, unknown>, ctx: ServerContext): Result | Promise<Result>
}

/** Seals what the fixture needs between two rounds; a changed one is refused by the SDK before a tool is reached. */
export const state = createRequestStateCodec<string>({ key: 'a key of the conformance fixture, not a secret of anybody' })

const text = (value: string): Result => ({ content: [{ type: 'text', text: value }] })
const pause = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms))
const nothing = { type: 'object' } as const

function tool(
  name: string,
  description: string,
  call: FixtureTool['call'],
  inputSchema: FixtureTool['inputSchema'] = nothing,
): FixtureTool {
  return { name, description, inputSchema, call }
}

const stringArgument = (name: string) => ({ type: 'object' as const, properties: { [name]: { type: 'string' } }, required: [name] })
const form = (message: string, properties: Record<string, unknown>, required: string[]): ElicitInputParams =>
  ({ message, requestedSchema: { type: 'object', properties, required } }) as ElicitInputParams
const ask = (message: string, field: string) => inputRequired.elicit(form(message, { [field]: { type: 'string' } }, [field]))
const sample = (question: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: question } }], maxTokens })

/** Asks one form and tells what came back: the shape of the 2025 elicitation scenarios. */
function elicitation(
  name: string,
  params: (args: Record<string, unknown>) => ElicitInputParams,
  prefix: string,
  schema?: FixtureTool['inputSchema'],
) {
  return tool(
    name,
    'Asks the user and tells the answer',
    (args, ctx) => {
      const answer = ctx.mcpReq.inputResponses?.['answer'] as { action: string; content?: unknown } | undefined
      if (answer === undefined) return inputRequired({ inputRequests: { answer: inputRequired.elicit(params(args)) } })
      return text(`${prefix}: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`)
    },
    schema,
  )
}

async function logThrice(ctx: ServerContext): Promise<Result> {
  await ctx.mcpReq.log('info', 'Tool execution started')
  await pause()
  await ctx.mcpReq.log('info', 'Tool processing data')
  await pause()
  await ctx.mcpReq.log('info', 'Tool execution completed')
  return text('Tool with logging executed successfully')
}

const defaults = form(
  'Please update your details',
  {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  [],
)

const titled = (word: string) =>
  ['First', 'Second', 'Third'].map((rank, index) => ({ const: `value${index + 1}`, title: `${rank} ${word}` }))
const enums = form(
  'Please choose',
  {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
  [],
)

/** The content tools of both requirement sets. */
const contentTools: readonly FixtureTool[] = [
  tool('test_simple_text', 'Returns text', () => text('This is a simple text response for testing.')),
  tool('test_image_content', 'Returns an image', () => ({ content: [{ type: 'image', data: pngBase64, mimeType: 'image/png' }] })),
  tool('test_audio_content', 'Returns audio', () => ({ content: [{ type: 'audio', data: wavBase64, mimeType: 'audio/wav' }] })),
  tool('test_embedded_resource', 'Returns an embedded resource', () => ({
    content: [
      {
        type: 'resource',
        resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
      },
    ],
  })),
  tool('test_multiple_content_types', 'Returns text, an image and a resource', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: pngBase64, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' },
      },
    ],
  })),
  tool('test_error_handling', 'Always fails', () => ({ ...text('This tool intentionally returns an error for testing'), isError: true })),
  tool('test_tool_with_progress', 'Reports progress', async (_args, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await pause()
      if (progressToken !== undefined)
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
    }
    return text('Tool with progress executed successfully')
  }),
  tool('test_tool_with_logging', 'Logs on the way', (_args, ctx) => logThrice(ctx)),
  tool('json_schema_2020_12_tool', 'Tool with JSON Schema 2020-12 features', () => text('done'), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  }),
]

/** What a client is asked in the middle of a call, as the scenarios of 2025-11-25 name it. */
const askingTools: readonly FixtureTool[] = [
  tool(
    'test_sampling',
    'Asks the model of the client',
    ({ prompt }, ctx) => {
      const answer = ctx.mcpReq.inputResponses?.['answer'] as { content?: { text?: string } } | undefined
      if (answer === undefined) return inputRequired({ inputRequests: { answer: sample(String(prompt), 100) } })
      return text(`LLM response: ${answer.content?.text ?? ''}`)
    },
    stringArgument('prompt'),
  ),
  elicitation(
    'test_elicitation',
    ({ message }) =>
      form(
        String(message),
        { username: { type: 'string', description: "User's response" }, email: { type: 'string', description: "User's email address" } },
        ['username', 'email'],
      ),
    'User response',
    stringArgument('message'),
  ),
  elicitation('test_elicitation_sep1034_defaults', () => defaults, 'Elicitation completed'),
  elicitation('test_elicitation_sep1330_enums', () => enums, 'Elicitation completed'),
]

/** What a result asks for before it is complete, as the scenarios of 2026-07-28 name it. */
const inputRequiredTools: readonly FixtureTool[] = [
  tool('test_input_required_result_elicitation', 'Greets by name', (_args, ctx) => {
    const answer = acceptedContent<{ name: string }>(ctx.mcpReq.inputResponses, 'user_name')
    if (typeof answer?.name !== 'string') return inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } })
    return text(`Hello, ${answer.name}!`)
  }),
  tool('test_input_required_result_sampling', 'Asks a question', (_args, ctx) => {
    const answer = ctx.mcpReq.inputResponses?.['capital_question'] as { content?: { text?: string } } | undefined
    if (answer === undefined) return inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?', 100) } })
    return text(answer.content?.text ?? '')
  }),
  tool('test_input_required_result_list_roots', 'Lists the folders', (_args, ctx) => {
    const answer = ctx.mcpReq.inputResponses?.['client_roots'] as { roots?: { uri: string }[] } | undefined
    if (answer === undefined) return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
    return text(`Roots: ${(answer.roots ?? []).map((root) => root.uri).join(', ')}`)
  }),
  tool('test_input_required_result_request_state', 'Confirms with a state', async (_args, ctx) => {
    if (ctx.mcpReq.requestState() === 'asked' && ctx.mcpReq.inputResponses?.['confirm'] !== undefined) return text('state-ok')
    const confirm = inputRequired.elicit(form('Please confirm', { ok: { type: 'boolean' } }, ['ok']))
    return inputRequired({ inputRequests: { confirm }, requestState: await state.mint('asked') })
  }),
  tool('test_input_required_result_tampered_state', 'Confirms with a signed state', async (_args, ctx) => {
    if (ctx.mcpReq.requestState() === 'signed') return text('state accepted')
    const confirm = inputRequired.elicit(form('Please confirm', { ok: { type: 'boolean' } }, ['ok']))
    return inputRequired({ inputRequests: { confirm }, requestState: await state.mint('signed') })
  }),
  tool('test_input_required_result_multiple_inputs', 'Asks three things at once', async (_args, ctx) => {
    const { user_name, greeting, client_roots } = ctx.mcpReq.inputResponses ?? {}
    if (user_name !== undefined && greeting !== undefined && client_roots !== undefined) return text('All three were answered')
    return inputRequired({
      inputRequests: {
        user_name: ask('What is your name?', 'name'),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await state.mint('three'),
    })
  }),
  tool('test_input_required_result_multi_round', 'Asks twice', async (_args, ctx) => {
    const { step1, step2 } = ctx.mcpReq.inputResponses ?? {}
    const round = ctx.mcpReq.requestState<string>()
    if (round === 'two' && step2 !== undefined) return text('Both steps are done')
    if (round === 'one' && step1 !== undefined) {
      return inputRequired({
        inputRequests: { step2: ask('Step 2: What is your favorite color?', 'color') },
        requestState: await state.mint('two'),
      })
    }
    return inputRequired({ inputRequests: { step1: ask('Step 1: What is your name?', 'name') }, requestState: await state.mint('one') })
  }),
  tool('test_input_required_result_capabilities', 'Asks only for what the client can do', (_args, ctx) => {
    if (ctx.mcpReq.inputResponses !== undefined) return text('Answered')
    const declared = capabilitiesOf(ctx)
    const inputRequests = {
      ...(declared['sampling'] !== undefined && { question: sample('What can you do?', 50) }),
      ...(declared['elicitation'] !== undefined && { name: ask('What is your name?', 'name') }),
    }
    return Object.keys(inputRequests).length === 0 ? text('There is nothing to ask') : inputRequired({ inputRequests })
  }),
]

/** What the scenario of the stateless era probes. */
const diagnosticTools: readonly FixtureTool[] = [
  tool('test_missing_capability', 'Needs sampling', (_args, ctx) => {
    if (capabilitiesOf(ctx)['sampling'] === undefined)
      throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } })
    return text('sampling was declared')
  }),
  tool('test_streaming_elicitation', 'Reports progress, then asks', async (_args, ctx) => {
    if (ctx.mcpReq.inputResponses !== undefined) return text('Answered')
    const progressToken = ctx.mcpReq._meta?.progressToken
    if (progressToken !== undefined) await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    return inputRequired({ inputRequests: { name: ask('What is your name?', 'name') } })
  }),
  tool('test_logging_tool', 'Logs on the way', (_args, ctx) => logThrice(ctx)),
  tool('test_custom_header', 'Takes a region, which also travels as a header', ({ region }) => text(`region ${String(region)}`), {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  }),
]

/** What the Tasks scenarios run; here they are ordinary tools, and whoever carries them may make tasks of them. */
const taskTools: readonly FixtureTool[] = [
  tool('greet', 'Greets', ({ name }) => text(`Hello, ${String(name ?? 'World')}!`), {
    type: 'object',
    properties: { name: { type: 'string' } },
  }),
  tool(
    'slow_compute',
    'Takes its time',
    async ({ seconds }) => {
      await pause(Number(seconds ?? 1) * 1000)
      return text(`Computed for ${String(seconds)} s`)
    },
    { type: 'object', properties: { seconds: { type: 'number' } } },
  ),
  tool('failing_job', 'Works for a while, then fails', async () => {
    await pause(800)
    return { ...text('The job failed'), isError: true }
  }),
  tool('confirm_delete', 'Asks before it deletes', ({ filename }, ctx) => {
    const answer = acceptedContent<{ confirm: boolean }>(ctx.mcpReq.inputResponses, 'confirm')
    if (ctx.mcpReq.inputResponses !== undefined)
      return text(answer?.confirm === true ? `Deleted ${String(filename)}` : 'Nothing was deleted')
    return inputRequired({
      inputRequests: { confirm: inputRequired.elicit(form('Really delete?', { confirm: { type: 'boolean' } }, ['confirm'])) },
    })
  }),
  tool('multi_input', 'Asks two things at once', (_args, ctx) => {
    if (ctx.mcpReq.inputResponses !== undefined) return text(JSON.stringify(ctx.mcpReq.inputResponses))
    return inputRequired({ inputRequests: { first: ask('First?', 'value'), second: ask('Second?', 'value') } })
  }),
]

export const fixtureTools: readonly FixtureTool[] = [
  ...contentTools,
  ...askingTools,
  ...inputRequiredTools,
  ...diagnosticTools,
  ...taskTools,
]

function capabilitiesOf(ctx: ServerContext): Record<string, unknown> {
  return ((ctx.mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] ?? {}) as Record<string, unknown>
}
