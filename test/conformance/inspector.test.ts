import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from '../support/product/command.ts'
import type { Call, Outcome as Said } from './inspector-program.ts'
import { type Product, startProduct } from './product.ts'

interface Outcome {
  code: number
  result: { tools: { name: string }[]; content: { text: string }[]; isError?: boolean; structuredContent?: Record<string, unknown> }
}

let product: Product
let inspector: ChildProcess
beforeAll(async () => {
  inspector = fork(join(import.meta.dirname, 'inspector-program.ts'))
  await Promise.all([once(inspector, 'message'), startProduct('stdio').then((started) => (product = started))])
})
afterAll(async () => {
  inspector?.kill()
  await product?.close()
})

/** The Inspector's command line: 0 is well, 5 an error of the tool or an unknown tool, 6 a schema that clients cannot use. */
async function inspect(target: readonly string[], args: readonly string[]): Promise<Outcome> {
  const call: Call = { args: [...args, '--format', 'json', '-q', ...target] }
  inspector.send(call)
  const [{ code, stdout, stderr }] = (await once(inspector, 'message')) as [Said]
  try {
    return { code, result: stdout === '' ? {} : (JSON.parse(stdout).result ?? {}) }
  } catch {
    throw new Error(`The Inspector said: ${stdout}${stderr}`)
  }
}

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
