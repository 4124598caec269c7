// Ask, remember, and ask again after a restart: a thread outlives the process that began it.
//
// Without a configured model the built-in extractive pool answers: it quotes sentences of the given text and says so.
//
//     npx node examples/02-ask-and-remember.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

// A memory of its own, so that the example leaves nothing behind.
const home = await mkdtemp(join(tmpdir(), 'signalbox-example-'))
const notes = 'The ferry leaves at 07:40 from quay four. Bicycles travel free of charge. Dogs stay on deck.'

console.log('First process')
await withSignalbox(async (call) => {
  const first = await call('ask', {
    prompt: 'When does the ferry leave?',
    files: [{ name: 'ferry.txt', text: notes }],
    thread: 'journey',
  })
  console.log(first)
  console.log(await call('remember', { text: 'We travel with two bicycles.' }))
})

console.log('\nSecond process, the same thread')
await withSignalbox(async (call) => {
  console.log(await call('ask', { prompt: 'Where may dogs stay on the ferry?', thread: 'journey' }))
  console.log(await call('recall', { query: 'How many bicycles do we have?', limit: 1 }))
})
await rm(home, { recursive: true, force: true, maxRetries: 3 })

type Call = (name: string, args: Record<string, unknown>) => Promise<string>

/** Starts Signalbox on its embedded defaults, in a process that is nobody else's, and ends it. */
async function withSignalbox(use: (call: Call) => Promise<void>): Promise<void> {
  const client = new Client({ name: 'example', version: '1.0.0' })
  const program = join(import.meta.dirname, '../bin/signalbox.js')
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, 'serve', '--no-share', '--log-level', 'warn'],
    cwd: home,
    env: { SIGNALBOX_HOME: home },
  })
  await client.connect(transport)
  await use(async (name, args) => {
    const result = await client.callTool({ name, arguments: args })
    return result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
  })
  await client.close()
}
