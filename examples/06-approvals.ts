// A tool that may destroy data waits for a person's yes: in a form of the client, or on the command line.
//
// What happens: a client that can show a form is asked there. Another gets needs_approval, and a person decides in a terminal with
// "signalbox approvals accept ID". A yes counts once, for exactly these arguments.
//
//     npx node examples/06-approvals.ts
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-example-')))
const note = join(folder, 'note.txt')
const program = join(import.meta.dirname, '../bin/signalbox.js')
const filesystem = join(import.meta.dirname, '../node_modules/@modelcontextprotocol/server-filesystem/dist/index.js')
const config = join(folder, 'signalbox.yaml')
await writeFile(config, JSON.stringify({ tools: { files: { command: process.execPath, args: [filesystem, folder] } } }))
const env = { SIGNALBOX_HOME: join(folder, 'data') }

console.log('1. A client that can show a form')
const withForm = await connect({ elicitation: { form: {} } })
withForm.setRequestHandler('elicitation/create', ({ params }) => {
  console.log(`   asked: ${params.message.slice(0, 74)}...`)
  return { action: 'accept', content: { confirm: true } }
})
await write(withForm, 'written after a yes in the form')
console.log(`   the file: ${await readFile(note, 'utf8')}`)
await withForm.close()

console.log('2. A client without forms')
const plain = await connect({})
let answer = await write(plain, 'written after a yes in the terminal')
const [approval = ''] = /ap_[0-9a-f]{32}/.exec(answer) ?? []
const [handle] = /ha_[0-9a-f]{32}/.exec(answer) ?? []
console.log(`   answered: ${answer.slice(0, 14)}; the file: ${await readFile(note, 'utf8')}`)
execFileSync(process.execPath, [program, '--config', config, 'approvals', 'accept', approval], { env: { ...process.env, ...env } })
while (answer.startsWith('needs_approval')) {
  await wait(100)
  answer = await call(plain, 'get_answer', { handle })
}
console.log(`   after the yes: ${await readFile(note, 'utf8')}`)
await plain.close()
await rm(folder, { recursive: true, force: true, maxRetries: 3 })

async function connect(capabilities: object): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' }, { capabilities })
  const args = [program, 'serve', '--no-share', '--config', config, '--log-level', 'warn']
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }))
  return client
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args })
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
}

/** Tries again while the hosted server has not told its tools yet. */
async function write(client: Client, content: string): Promise<string> {
  for (;;) {
    const text = await call(client, 'call_tool_write', { name: 'files_write_file', arguments: { path: note, content } })
    if (!text.includes('is still starting')) return text
    await wait(200)
  }
}
