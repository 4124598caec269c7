// The least that can stand between a client and a server over stdio: both ends are the SDK's, and each call is passed on as it is.
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

const [, , script = ''] = process.argv
const client = new Client({ name: 'bare-proxy', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
await client.connect(new StdioClientTransport({ command: process.execPath, args: [script] }))

serveStdio(() => {
  const server = new Server({ name: 'bare-proxy', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => client.listTools())
  server.setRequestHandler('tools/call', ({ params }) => client.callTool(params))
  return server
})
