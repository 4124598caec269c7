// A server over stdio with as many tools as its argument says, the first of which is `echo`.
import { Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { manyTools } from './tools.js'

const echo = {
  name: 'echo',
  description: 'Says a text again.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  annotations: { readOnlyHint: true },
}
const tools = /** @type {import('@modelcontextprotocol/server').Tool[]} */ ([echo, ...manyTools(Number(process.argv[2] ?? 1) - 1)])

serveStdio(() => {
  const server = new Server({ name: 'bench', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools }))
  server.setRequestHandler('tools/call', ({ params }) => ({ content: [{ type: 'text', text: String(params.arguments?.['text']) }] }))
  return server
})
