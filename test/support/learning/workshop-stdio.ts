import { Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { writtenTools } from '../search/needs.ts'

/*
 * One of the servers that the tests have written tools for, named by the first argument. Each tool knows its own job, and fails at any other:
 * `{"job": "<tool>"}`.
 */
const name = process.argv[2] ?? ''
const tools = writtenTools()
  .filter(({ server }) => server === name)
  .map(({ tool, description }) => ({
    name: tool,
    description,
    inputSchema: { type: 'object' as const, properties: { job: { type: 'string' } }, required: ['job'] },
    annotations: { readOnlyHint: true },
  }))

serveStdio(() => {
  const server = new Server({ name, version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools }))
  server.setRequestHandler('tools/call', ({ params }) => {
    const isDone = params.arguments?.['job'] === params.name
    return { content: [{ type: 'text', text: isDone ? 'done' : 'this is not my job' }], isError: !isDone }
  })
  return server
})
