// The smallest use: find a tool by saying what is needed, then call it.
//
// An MCP client starts Signalbox over stdio, as Claude Desktop or an agent would. No key is needed and nothing leaves the machine.
//
//     npm start -- --once                      (once, to install and build)
//     npx node examples/01-find-and-call.ts
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const here = import.meta.dirname
const config = join(here, '01-find-and-call.yaml')
const client = new Client({ name: 'example', version: '1.0.0' })
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: [join(here, '../bin/signalbox.js'), 'serve', '--no-share', '--config', config, '--log-level', 'warn'],
    // `--no-share`: in a process that ends with this one. Clients of one user share one otherwise.
    // Where memory is kept. Left out or empty, it is the usual folder of your platform.
    env: { SIGNALBOX_HOME: process.env['SIGNALBOX_HOME'] ?? '' },
  }),
)

// A hosted server starts beside the handshake. On the first run its tools take a moment; from then on they are known at once.
let tools = await find('look into a text file')
while (tools.length === 0) {
  await wait(200)
  tools = await find('look into a text file')
}
for (const tool of tools) console.log(`${tool.name} (${tool.call_with})`)

const [best] = tools
const result = await client.callTool({
  name: best?.call_with ?? '',
  arguments: { name: best?.name, arguments: { path: config } },
})
for (const block of result.content) if (block.type === 'text') console.log(`\n${block.text}`)
await client.close()

async function find(need: string) {
  const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need, limit: 3 } })
  return (structuredContent as { tools: { name: string; call_with: string }[] }).tools
}
