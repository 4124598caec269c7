import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from '../support/product/command.ts'
import { type Product, startProduct } from './product.ts'

const require = createRequire(import.meta.url)
const inspector = join(dirname(require.resolve('@modelcontextprotocol/inspector/package.json')), 'clients', 'launcher', 'build', 'index.js')

interface Outcome {
  code: number
  result: { tools: { name: string }[]; content: { text: string }[]; isError?: boolean; structuredContent?: Record<string, unknown> }
}

/** The Inspector's command line: 0 is well, 5 an error of the tool or an unknown tool, 6 a schema that clients cannot use. */
function inspect(target: readonly string[], args: readonly string[]): Promise<Outcome> {
  return new Promise((done, failed) => {
    const all = [inspector, '--cli', ...args, '--format', 'json', '-q', ...target]
    execFile(process.execPath, all, { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      try {
        const code = error === null ? 0 : Number(error.code)
        done({ code, result: stdout === '' ? {} : (JSON.parse(stdout).result ?? {}) })
      } catch {
        failed(new Error(`The Inspector said: ${stdout}${stderr}`))
      }
    })
  })
}

let product: Product
beforeAll(async () => {
  product = await startProduct('stdio')
})
afterAll(() => product.close())

const call = (name: string, args: object) => ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)]

describe.each(['modern', 'legacy', 'auto'])('the Inspector over HTTP, era %s', { timeout: 60_000 }, (era) => {
  const options = ['--transport', 'http', '--protocol-era', era]

  test('lists our tools and the hosted ones, with schemas that any client can use', async () => {
    const { code, result } = await inspect([product.url], [...options, '--method', 'tools/list', '--strict'])

    const names = result.tools.map((tool) => tool.name)
    expect(code).toBe(0)
    expect(names).toEqual(expect.arrayContaining(['ask', 'find_tools', 'call_tool', 'call_tool_write', 'status', 'test_simple_text']))
  })

  test('calls a hosted tool by its own name and through call_tool_write', async () => {
    const own = await inspect([product.url], [...options, ...call('greet', { name: 'Ada' })])
    const through = await inspect([product.url], [...options, ...call('call_tool_write', { name: 'greet', arguments: { name: 'Ada' } })])

    expect(own).toMatchObject({ code: 0, result: { content: [{ text: 'Hello, Ada!' }] } })
    expect(through).toMatchObject({ code: 0, result: { content: [{ text: 'Hello, Ada!' }] } })
  })

  test('is told of an unknown tool and of wrong input by its exit code', async () => {
    const unknown = await inspect([product.url], [...options, ...call('nobody_has_it', {})])
    const wrong = await inspect([product.url], [...options, ...call('find_tools', { limit: 99 })])

    expect(unknown.code).toBe(5)
    expect(wrong.code).toBe(5)
  })
})

test('the Inspector over stdio starts the program, lists and calls', { timeout: 60_000 }, async () => {
  const target = ['--', process.execPath, command, '--config', product.config, 'serve', '--stdio']
  // The Inspector hands its own variables on to no server.
  const env = ['-e', `SIGNALBOX_HOME=${product.dataFolder}`, '-e', 'SIGNALBOX_LINGER_S=0']

  const { code, result } = await inspect(target, [...call('status', {}), ...env])

  expect(code).toBe(0)
  expect(result.structuredContent).toMatchObject({ memory: { location: expect.stringContaining(product.dataFolder) } })
})
