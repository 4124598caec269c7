import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { serveStdio } from '../../src/mcp/stdio.ts'
import { fakeSignalbox } from '../support/fake-signalbox.ts'
import { silent } from '../support/silent-log.ts'

/** A client that lists its folders when it is asked, and then who it is taken for. */
async function projectOf({ capabilities, project }: { capabilities: object; project?: string }) {
  const box = fakeSignalbox()
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const door = serveStdio(box, { log: silent, project, stdin, stdout })
  const send = (message: object) => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const asked: string[] = []
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } } })
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'tools/call', params: { name: 'whoami', arguments: {} } })
  for await (const line of createInterface({ input: stdout })) {
    const message = JSON.parse(line) as { id?: unknown; method?: string }
    if (message.method !== undefined) asked.push(message.method)
    if (message.method === 'roots/list')
      send({ id: message.id, result: { roots: [{ uri: 'file:///work/ferry' }, { uri: 'file:///tmp' }] } })
    if (message.id === 2 && message.method === undefined) break
  }
  await door.close()
  return { project: box.callers[0]?.project, asked: asked.includes('roots/list') }
}

test("serveStdio() takes the first of the client's roots for its project, and --project before that", async () => {
  expect(await projectOf({ capabilities: { roots: {} } })).toEqual({ project: 'file:///work/ferry', asked: true })
  expect(await projectOf({ capabilities: {} })).toEqual({ project: undefined, asked: false })
  expect(await projectOf({ capabilities: { roots: {} }, project: 'ferry' })).toEqual({ project: 'ferry', asked: false })
})
