import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type AnyClient, connectClient, type Sdk, sdks } from '../support/mcp-clients.ts'
import { published, type RunningProduct, startProduct } from '../support/mcp-product.ts'

let product: RunningProduct
beforeAll(async () => {
  product = await startProduct({
    tools: (folder) => ({
      files: published('filesystem', folder),
      everything: published('everything'),
    }),
  })
}, 60_000)
afterAll(() => product.close())

describe.each(['stdio', 'HTTP'])('the product over %s', { timeout: 60_000 }, (door) => {
  const nobody: Answer = () => ({ action: 'cancel' })
  let answer = nobody
  // All at once: over stdio they share one instance and its servers, which would end with the last of them.
  let clients: AnyClient[]
  beforeAll(async () => {
    const target = door === 'HTTP' ? { url: product.url } : product.program
    clients = await Promise.all(sdks.map((sdk) => connectClient(sdk, target, { answer: (message) => answer(message) })))
  }, 60_000)
  afterEach(() => {
    answer = nobody
  })
  afterAll(async () => {
    for (const client of clients ?? []) await client.close()
  })
  const clientOf = (sdk: Sdk) => clients[sdks.indexOf(sdk)] as AnyClient

  test.each(sdks)('client %s is asked before a file is overwritten, and only a yes writes it, once', async (sdk) => {
    const client = clientOf(sdk)
    const path = join(product.folder, `note ${door} ${sdk}.txt`)
    const asked: string[] = []
    const replies: ReturnType<Answer>[] = [{ action: 'decline' }, { action: 'accept', content: { confirm: true } }]
    answer = (message) => {
      asked.push(message)
      return replies.shift() ?? { action: 'cancel' }
    }
    const write = { name: 'call_tool_write', arguments: { name: 'files_write_file', arguments: { path, content: 'written' } } }

    const no = await client.callTool(write)
    const writtenAfterNo = existsSync(path)
    const yes = await client.callTool(write)

    expect(no).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('the person said no') }] })
    expect(writtenAfterNo).toBe(false)
    expect(yes.isError ?? false).toBe(false)
    expect(await readFile(path, 'utf8')).toBe('written')
    expect(asked).toEqual([expect.stringContaining(path), expect.stringContaining(path)])
    await rm(path)
  })

  test.each(sdks)('client %s answers what a server of the older era asks in the middle of a call', async (sdk) => {
    const client = clientOf(sdk)
    const asked: string[] = []
    answer = (message) => {
      asked.push(message)
      return { action: 'accept', content: { name: 'Ada' } }
    }

    const name = 'everything_trigger-elicitation-request'
    const result = await client.callTool({ name: 'call_tool_write', arguments: { name, arguments: {} } })

    expect(asked).toHaveLength(1)
    expect(JSON.stringify(result.content)).toContain('Ada')
  })
})
