// Over HTTP: an MCP client and a plain request, both as a principal of their own.
//
// A key names a principal: nobody sees another's threads and memories. On loopback any key will do, unless http.token is set.
//
//     npx signalbox serve --http                        (prints the address)
//     npx node examples/05-http-client.ts http://127.0.0.1:8737
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const address = process.argv[2] ?? 'http://127.0.0.1:8737'
const ada = await connect('key-of-ada')
const bob = await connect('key-of-bob')

console.log('Ada remembers:', await text(ada, 'remember', { text: 'The code word of the harbour is periwinkle.' }))
console.log('Ada recalls:  ', await text(ada, 'recall', { query: 'code word of the harbour' }))
console.log('Bob recalls:  ', await text(bob, 'recall', { query: 'code word of the harbour' }))
await Promise.all([ada.close(), bob.close()])

// The decision alone, without MCP: what plan_step answers, as plain JSON.
const response = await fetch(`${address}/v1/plan`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ prompt: 'Translate good morning into Danish' }),
})
const plan = (await response.json()) as { pool: string; rule: string; why: string }
console.log(`Plan: pool ${plan.pool}, rule ${plan.rule}: ${plan.why}`)

async function connect(key: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' })
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`), { requestInit }))
  return client
}

async function text(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args })
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
}
