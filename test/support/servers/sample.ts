import {
  type CallToolResult,
  inputRequired,
  type JSONObject,
  type McpServerFactory,
  Server,
  type ServerNotifier,
  type Tool,
} from '@modelcontextprotocol/server'

const object = (properties: JSONObject = {}, required: string[] = []): Tool['inputSchema'] => ({
  type: 'object',
  properties,
  required,
})

const tools: Tool[] = [
  {
    name: 'echo',
    description: 'Says what it was told',
    inputSchema: object({ text: { type: 'string' } }, ['text']),
    annotations: { readOnlyHint: true },
  },
  {
    name: 'write.note',
    description: 'Writes a note',
    inputSchema: object({ text: { type: 'string' } }),
    annotations: { destructiveHint: false },
  },
  { name: 'picture', description: 'An image, a sound and a document', inputSchema: object() },
  { name: 'fail', description: 'Fails', inputSchema: object() },
  { name: 'refuse', description: 'Is refused by the protocol', inputSchema: object() },
  { name: 'steps', description: 'Tells its progress', inputSchema: object({ steps: { type: 'integer' }, everyMs: { type: 'integer' } }) },
  { name: 'wait', description: 'Waits until it is cancelled', inputSchema: object() },
  { name: 'cancelled', description: 'How many waits were cancelled', inputSchema: object() },
  { name: 'chat', description: 'Writes a log line', inputSchema: object() },
  { name: 'ask', description: 'Asks for a name', inputSchema: object() },
  { name: 'whoami', description: 'What it knows of its client', inputSchema: object() },
  { name: 'big', description: 'Answers with so many bytes', inputSchema: object({ bytes: { type: 'integer' } }) },
  {
    name: 'measure',
    description: 'A structured answer',
    inputSchema: object({ celsius: {} }),
    outputSchema: { type: 'object', properties: { celsius: { type: 'number' } }, required: ['celsius'] },
  },
  {
    name: 'regional',
    description: 'Its argument stands in a header too',
    inputSchema: object({ region: { type: 'string', 'x-mcp-header': 'Region' } }),
  },
  { name: 'grow', description: 'Adds a tool', inputSchema: object() },
  { name: 'touch', description: 'Changes the watched resource', inputSchema: object() },
]

const misplaced: Tool = {
  name: 'misplaced',
  description: 'A header where none may be',
  inputSchema: object({ list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } } }),
}

/** What outlives a server instance, which over HTTP is made for each request. */
interface State {
  grown: number
  cancelled: number
  /** Waits that were begun. */
  waits: number
  /** Whether to list a tool that breaks the rules for headers. */
  misplaced?: boolean | undefined
  notifier?: ServerNotifier | undefined
}

/** One state, and instances of the server over it. */
export function createSample(): { factory: McpServerFactory; state: State } {
  const state: State = { grown: 0, cancelled: 0, waits: 0 }
  return { state, factory: () => createServer(state) }
}

function createServer(state: State): Server {
  const changes = { listChanged: true }
  const server = new Server(
    { name: 'sample', version: '1.0.0' },
    { capabilities: { tools: changes, prompts: changes, resources: { ...changes, subscribe: true }, completions: {}, logging: {} } },
  )

  server.setRequestHandler('tools/list', ({ params }) => {
    const all = [
      ...tools,
      ...(state.misplaced ? [misplaced] : []),
      ...Array.from({ length: state.grown }, (_, index) => ({ name: `grown_${index}`, inputSchema: object() })),
    ]
    return params?.cursor === undefined ? { tools: all.slice(0, 5), nextCursor: '5' } : { tools: all.slice(5) }
  })

  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const args = params.arguments ?? {}
    const { mcpReq } = context
    switch (params.name) {
      case 'echo':
        return { ...text(String(args['text'])), _meta: { 'sample/kept': true } }
      case 'write.note':
        return text('written')
      case 'picture':
        return {
          content: [
            { type: 'image', data: 'aW1hZ2U=', mimeType: 'image/png', annotations: { audience: ['user'] } },
            { type: 'audio', data: 'c291bmQ=', mimeType: 'audio/wav' },
            { type: 'resource', resource: { uri: 'sample://note', mimeType: 'text/plain', text: 'a note' } },
            { type: 'resource_link', uri: 'sample://note', name: 'note' },
          ],
        }
      case 'fail':
        return { ...text('it went wrong'), isError: true }
      case 'refuse':
        throw new Error('no such luck')
      case 'steps': {
        const token = mcpReq._meta?.progressToken
        const steps = Number(args['steps'] ?? 3)
        for (let step = 1; step <= steps; step += 1) {
          await new Promise((resolve) => setTimeout(resolve, Number(args['everyMs'] ?? 0)))
          if (token !== undefined) {
            const progress = { progressToken: token, progress: step, total: steps, message: `step ${step}` }
            await mcpReq.notify({ method: 'notifications/progress', params: progress })
          }
        }
        return text('done')
      }
      case 'wait':
        state.waits += 1
        await new Promise<void>((resolve) => {
          if (mcpReq.signal.aborted) resolve()
          mcpReq.signal.addEventListener('abort', () => resolve(), { once: true })
        })
        state.cancelled += 1
        return text('cancelled')
      case 'cancelled':
        return text(String(args['begun'] === true ? state.waits : state.cancelled))
      case 'chat':
        await mcpReq.log('info', 'a line of its log')
        return text('said')
      case 'ask': {
        const answer = mcpReq.inputResponses?.['name'] as { action?: string; content?: { name?: string } } | undefined
        if (!answer) {
          const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } }, required: ['name'] }
          return inputRequired({
            inputRequests: { name: inputRequired.elicit({ message: 'Your name?', requestedSchema }) },
            requestState: 'opaque state',
          })
        }
        return text(`${answer.action} ${answer.content?.name ?? ''} ${mcpReq.requestState() ?? ''}`.trim())
      }
      case 'whoami':
        return text(JSON.stringify({ pid: process.pid, env: Object.keys(process.env), envelope: mcpReq.envelope ?? null }))
      case 'big':
        return text('x'.repeat(Number(args['bytes'])))
      case 'measure':
        return { ...text('measured'), structuredContent: { celsius: args['celsius'] ?? 20 } }
      case 'grow':
        state.grown += 1
        if (state.notifier) state.notifier.toolsChanged()
        else await server.notification({ method: 'notifications/tools/list_changed' })
        return text('grown')
      case 'touch':
        if (state.notifier) state.notifier.resourceUpdated('sample://note')
        else await server.notification({ method: 'notifications/resources/updated', params: { uri: 'sample://note' } })
        return text('touched')
      default:
        return text(`${params.name} called`)
    }
  })

  server.setRequestHandler('prompts/list', () => ({ prompts: [{ name: 'greet', arguments: [{ name: 'who', required: true }] }] }))
  server.setRequestHandler('prompts/get', ({ params }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Greet ${params.arguments?.['who']}` } }],
  }))
  server.setRequestHandler('resources/list', () => ({ resources: [{ uri: 'sample://note', name: 'note' }] }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [{ uriTemplate: 'sample://pages/{page}', name: 'page' }],
  }))
  server.setRequestHandler('resources/read', ({ params }) => ({
    contents: [{ uri: params.uri, mimeType: 'text/plain', text: `content of ${params.uri}` }],
  }))
  server.setRequestHandler('resources/subscribe', () => ({}))
  server.setRequestHandler('resources/unsubscribe', () => ({}))
  server.setRequestHandler('completion/complete', ({ params }) => ({ completion: { values: [`${params.argument.value}!`] } }))
  return server
}

function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}
