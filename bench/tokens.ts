import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server, type Tool } from '@modelcontextprotocol/server'
import { connect, createHome, program } from './speed/program.ts'

/*
 * What an agent pays for the 527 tools of 70 real servers (LiveMCPBench): our definitions and ten answers of find_tools, each
 * counted once, against the definitions of all tools. Counted in bytes of JSON at 3.6 bytes a token on both sides, a model's view
 * of an answer being its text. The short answers name the same tools in the same order as answers with full schemas.
 */
const bytesPerToken = 3.6
const goal = 0.09
const hits = 5
const needs = [
  'what does a share of Apple cost right now',
  'which versions of a package were published to the registry',
  'papers about retrieval augmented generation that came out this year',
  'turn the spreadsheet column of prices into a bar chart',
  'walk from the station to the museum: how long, and which way',
  'put a heading and two paragraphs into a new Word document',
  'look at a web page and tell what is written on it',
  'what will the weather be like tomorrow in Lisbon',
  'read all text files of a folder',
  'add a slide with a picture to my presentation',
]

interface Row extends Tool {
  readonly server_id: string
}

const data = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const file = join(data, 'livemcpbench', 'tools.jsonl')
if (existsSync(file)) await measure(readRows(file))
else console.log(`Tokens: no data in ${data}. Set SIGNALBOX_DATA to the folder that holds livemcpbench.`)

async function measure(rows: readonly Row[]): Promise<void> {
  const byServer = Map.groupBy(rows, (row) => row.server_id)
  const { port, close } = await serveAll(byServer)
  using home = createHome()
  const tools = Object.fromEntries(
    [...byServer.keys()].map((server) => [
      configKey(server),
      { url: `http://127.0.0.1:${port}/${encodeURIComponent(server)}`, pin: 'first-sight' },
    ]),
  )
  const { client, close: disconnect } = await connect([program, '--config', home.configure({ tools })], home)
  try {
    const embedded = await untilStill(client)
    const ours = (await client.listTools()).tools.map(({ name, description, inputSchema, outputSchema }) => ({
      name,
      description,
      inputSchema,
      outputSchema,
    }))
    const answers: string[] = []
    let fullBytes = 0
    for (const need of needs) {
      const short = await find(need)
      const full = await find(need, 'full')
      if (short.names.join() !== full.names.join()) throw new Error(`The short answer to "${need}" names other tools than the full one`)
      answers.push(short.text)
      fullBytes += bytes(full.text)
    }
    const all = rows.reduce((sum, { name, description, inputSchema }) => sum + bytes(JSON.stringify({ name, description, inputSchema })), 0)
    const definitions = ours.reduce((sum, one) => sum + bytes(JSON.stringify(one)), 0)
    const found = answers.reduce((sum, text) => sum + bytes(text), 0)
    const tokens = (count: number) => `${Math.ceil(count / bytesPerToken).toLocaleString('en')} tokens`
    console.log(`Tokens for ${rows.length} tools of ${byServer.size} servers, of which ${embedded} are searched and the others held back`)
    console.log(`all definitions listed            ${tokens(all)}`)
    console.log(`our definitions                   ${tokens(definitions)}`)
    console.log(`ten answers of ${hits} hits           ${tokens(found)} (with full schemas ${tokens(fullBytes)})`)
    console.log(
      `together                          ${(((definitions + found) / all) * 100).toFixed(1)} % of all (goal: at most ${goal * 100} %; with full schemas ${(((definitions + fullBytes) / all) * 100).toFixed(1)} %)`,
    )
  } finally {
    await disconnect()
    await close()
  }

  async function find(need: string, detail?: 'full') {
    const { content, structuredContent } = await client.callTool({
      name: 'find_tools',
      arguments: { need, limit: hits, ...(detail !== undefined && { detail }) },
    })
    const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    return { text, names: (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name) }
  }
}

/** How many tools have their vectors when no more come. Tools whose text is suspicious are held back and never get any. */
async function untilStill(client: Client): Promise<number> {
  for (let last = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
    const { embedded } = (structuredContent as { tools: { embedded: number } }).tools
    if (embedded > 0 && embedded === last) return embedded
    last = embedded
  }
}

/** Every server of the list behind a path of its own. */
async function serveAll(byServer: ReadonlyMap<string, readonly Row[]>): Promise<{ port: number; close(): Promise<void> }> {
  const handlers = new Map(
    [...byServer].map(([name, rows]) => {
      const tools = rows.map(({ name: tool, description, inputSchema }) => ({ name: tool, description, inputSchema }) as Tool)
      const handler = createMcpHandler(() => {
        const server = new Server({ name, version: '1.0.0' }, { capabilities: { tools: {} } })
        server.setRequestHandler('tools/list', () => ({ tools }))
        return server
      })
      return [`/${encodeURIComponent(name)}`, toNodeHandler(handler)] as const
    }),
  )
  const http = createServer((request, response) => {
    const serve = handlers.get((request.url ?? '/') as `/${string}`)
    if (serve === undefined) response.writeHead(404).end()
    else void serve(request as never, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    port: (http.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

function configKey(server: string): string {
  return server
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^[^a-z]+/, 's')
    .slice(0, 32)
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}

function readRows(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
