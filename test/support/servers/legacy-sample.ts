import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

const inputSchema = { type: 'object' as const, properties: {} }

/** A server of 2025: it keeps what its connection did, asks in the middle of a call, and lists `ask` only to clients that can answer. */
export function createLegacySample(): Server {
  const server = new Server(
    { name: 'legacy-sample', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} } },
  )
  let calls = 0
  let grown = 0
  let cancelled = 0
  const subscribed = new Set<string>()

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [
      { name: 'echo', description: 'Says what it was told', inputSchema: { ...inputSchema, properties: { text: { type: 'string' } } } },
      { name: 'count', description: 'How often this connection was used', inputSchema },
      { name: 'whoami', description: 'What it knows of its client', inputSchema },
      { name: 'sample', description: 'Asks the model of its client', inputSchema },
      { name: 'roots', description: 'Asks for the folders of its client', inputSchema },
      { name: 'page', description: 'Needs a page first', inputSchema },
      { name: 'wait', description: 'Waits until it is cancelled', inputSchema },
      { name: 'cancelled', description: 'How many waits were cancelled', inputSchema },
      { name: 'steps', description: 'Tells its progress and ends at once', inputSchema },
      { name: 'chat', description: 'Writes a log line', inputSchema },
      { name: 'grow', description: 'Adds a tool', inputSchema },
      { name: 'touch', description: 'Changes the watched resource', inputSchema },
      ...(server.getClientCapabilities()?.elicitation ? [{ name: 'ask', description: 'Asks for a name', inputSchema }] : []),
      ...Array.from({ length: grown }, (_, index) => ({ name: `grown_${index}`, inputSchema })),
    ],
  }))

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, _meta, sendNotification, sendRequest }) => {
    calls += 1
    switch (params.name) {
      case 'echo':
        return text(String(params.arguments?.['text']))
      case 'count':
        return text(String(calls))
      case 'whoami':
        return text(JSON.stringify({ pid: process.pid, capabilities: server.getClientCapabilities() }))
      case 'ask': {
        const requestedSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
        const answer = await sendRequest(
          { method: 'elicitation/create', params: { message: 'Your name?', requestedSchema } } as never,
          ElicitResultSchema,
        )
        return text(`${answer.action} ${answer.content?.['name'] ?? ''}`.trim())
      }
      case 'sample': {
        const messages = [{ role: 'user', content: { type: 'text', text: 'Hello?' } }]
        const answer = await sendRequest(
          { method: 'sampling/createMessage', params: { messages, maxTokens: 10 } } as never,
          CreateMessageResultSchema,
        )
        return text(JSON.stringify(answer.content))
      }
      case 'roots': {
        const { roots } = await sendRequest({ method: 'roots/list' }, ListRootsResultSchema)
        return text(roots.map(({ uri }) => uri).join(' '))
      }
      case 'page':
        throw new McpError(-32042, 'A page has to be opened', {
          elicitations: [{ mode: 'url', url: 'https://example.com/consent', elicitationId: '1', message: 'Please consent' }],
        })
      case 'wait':
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        cancelled += 1
        return text('cancelled')
      case 'cancelled':
        return text(String(cancelled))
      case 'steps':
        for (let step = 1; step <= 3 && _meta?.progressToken !== undefined; step += 1) {
          await sendNotification({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress: step } })
        }
        return text('done')
      case 'chat':
        await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'a line of its log' } })
        return text('said')
      case 'grow':
        grown += 1
        await server.sendToolListChanged()
        return text('grown')
      case 'touch':
        for (const uri of subscribed) await server.sendResourceUpdated({ uri })
        return text('touched')
      default:
        return text(`${params.name} called`)
    }
  })

  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }] }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Greet ${params.arguments?.['who']}` } }],
  }))
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [{ uri: 'legacy://note', name: 'note' }] }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: 'legacy://pages/{page}', name: 'page' }],
  }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({
    contents: [{ uri: params.uri, text: `content of ${params.uri}` }],
  }))
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri)
    return {}
  })
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri)
    return {}
  })
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => ({ completion: { values: [`${params.argument.value}!`] } }))
  return server
}

function text(value: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: value }] }
}
