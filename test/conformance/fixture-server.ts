import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { pngBase64 } from './fixture-media.ts'
import { type FixtureTool, fixtureTools, state } from './fixture-tools.ts'

/**
 * The server that the official conformance suite expects, with the names that it fixes, in both protocol eras.
 * It stands behind Signalbox in the tests. Run as a program it serves `stdio`, or `http` and prints its URL.
 */

interface Changes {
  toolsChanged(): void
  promptsChanged(): void
}

const prompts = [
  { name: 'test_simple_prompt', description: 'A simple prompt' },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with arguments',
    arguments: [
      { name: 'arg1', description: 'First test argument', required: true },
      { name: 'arg2', description: 'Second test argument', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with an embedded resource',
    arguments: [{ name: 'resourceUri', description: 'URI of the resource to embed', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'A prompt with an image' },
  { name: 'test_input_required_result_prompt', description: 'A prompt that asks first' },
]

const resources = [
  { uri: 'test://static-text', name: 'Static text', description: 'A text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'Static binary', description: 'An image', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'Watched', description: 'A resource to subscribe to', mimeType: 'text/plain' },
]
const templates = [{ uriTemplate: 'test://template/{id}/data', name: 'Template', description: 'Data by id', mimeType: 'application/json' }]

const said = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } })

/** Changes that the triggers toggle, so that a list that is said to have changed really has. */
const extra = { tool: false, prompt: false }

function makeServer(changes: Changes): Server {
  const tools: FixtureTool[] = [
    ...fixtureTools,
    trigger('test_trigger_tool_change', 'Changes the list of tools', () => {
      extra.tool = !extra.tool
      changes.toolsChanged()
    }),
    trigger('test_trigger_prompt_change', 'Changes the list of prompts', () => {
      extra.prompt = !extra.prompt
      changes.promptsChanged()
    }),
  ]
  const server = new Server(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        completions: {},
        logging: {},
      },
      requestState: { verify: state.verify },
    },
  )

  server.setRequestHandler('tools/list', () => ({
    tools: [
      ...tools.map(({ call: _call, ...definition }) => definition),
      ...(extra.tool ? [{ name: 'test_added_tool', description: 'Was added', inputSchema: { type: 'object' as const } }] : []),
    ],
  }))
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const tool = tools.find((one) => one.name === params.name)
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`)
    return (await tool.call(params.arguments ?? {}, ctx)) as { content: [] }
  })
  server.setRequestHandler('prompts/list', () => ({
    prompts: [...prompts, ...(extra.prompt ? [{ name: 'test_added_prompt', description: 'Was added' }] : [])],
  }))
  server.setRequestHandler('prompts/get', ({ params: { name, arguments: args = {} } }, ctx) => {
    switch (name) {
      case 'test_simple_prompt':
        return { messages: [said('This is a simple prompt for testing.')] }
      case 'test_prompt_with_arguments':
        return { messages: [said(`Prompt with arguments: arg1='${args['arg1']}', arg2='${args['arg2']}'`)] }
      case 'test_prompt_with_embedded_resource': {
        const resource = { uri: args['resourceUri'] ?? '', mimeType: 'text/plain', text: 'Embedded resource content for testing.' }
        return {
          messages: [
            { role: 'user' as const, content: { type: 'resource' as const, resource } },
            said('Please process the embedded resource above.'),
          ],
        }
      }
      case 'test_prompt_with_image': {
        const image = { type: 'image' as const, data: pngBase64, mimeType: 'image/png' }
        return { messages: [{ role: 'user' as const, content: image }, said('Please analyze the image above.')] }
      }
      case 'test_input_required_result_prompt': {
        const answer = acceptedContent<{ context: string }>(ctx.mcpReq.inputResponses, 'user_context')
        if (answer !== undefined) return { messages: [said(`Context: ${answer.context}`)] }
        const requestedSchema = { type: 'object' as const, properties: { context: { type: 'string' as const } }, required: ['context'] }
        const message = 'What context should the prompt use?'
        return inputRequired({ inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema }) } })
      }
      default:
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`)
    }
  })
  server.setRequestHandler('completion/complete', ({ params }) => ({
    completion: { values: ['paris', 'park', 'party'].filter((value) => value.startsWith(params.argument.value)), hasMore: false },
  }))
  server.setRequestHandler('resources/list', () => ({ resources }))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: templates }))
  server.setRequestHandler('resources/read', ({ params: { uri } }) => ({ contents: [read(uri)] }))
  server.setRequestHandler('resources/subscribe', () => ({}))
  server.setRequestHandler('resources/unsubscribe', () => ({}))
  return server
}

function trigger(name: string, description: string, change: () => void): FixtureTool {
  return {
    name,
    description,
    inputSchema: { type: 'object' },
    call() {
      change()
      return { content: [{ type: 'text', text: 'Changed' }] }
    },
  }
}

function read(uri: string): { uri: string; mimeType: string; text: string } | { uri: string; mimeType: string; blob: string } {
  if (uri === 'test://static-text') return { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }
  if (uri === 'test://static-binary') return { uri, mimeType: 'image/png', blob: pngBase64 }
  if (uri === 'test://watched-resource') return { uri, mimeType: 'text/plain', text: 'Watched' }
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1]
  if (id === undefined) throw new ResourceNotFoundError(uri)
  return { uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }
}

export function serveFixtureOverStdio(): void {
  let current: Server | undefined
  serveStdio(() => {
    current = makeServer({
      toolsChanged: () => void current?.sendToolListChanged(),
      promptsChanged: () => void current?.sendPromptListChanged(),
    })
    return current
  })
}

export async function serveFixtureOverHttp(): Promise<{ url: string; close(): Promise<void> }> {
  const handler = createMcpHandler(() => makeServer(handler.notify))
  const server = createServer(getRequestListener((request) => handler.fetch(request), { overrideGlobalObjects: false }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'http') console.log((await serveFixtureOverHttp()).url)
  else serveFixtureOverStdio()
}
