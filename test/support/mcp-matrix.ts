import { afterAll, describe, expect, test } from 'vitest'
import { type Answer, type AnyClient, connectClient, sdks, type Target } from './mcp-clients.ts'

/** What each client of each era must be able to do at a door that serves the fake Signalbox. */
export function testEveryClient(door: string, target: () => Target): void {
  describe.each(sdks)(`${door}, client %s`, (sdk) => {
    // One connection for all that asks a person nothing: a client works for hours, not for one call.
    let shared: Promise<AnyClient> | undefined
    const connect = () => {
      shared ??= connectClient(sdk, target())
      return shared
    }
    afterAll(async () => (await shared)?.close())

    test('names us and lists the same tools twice', async () => {
      const connected = await connect()

      const first = await connected.listTools()
      const second = await connected.listTools()

      expect(connected.serverName()).toBe('signalbox')
      expect(first.map((tool) => tool.name)).toEqual(['quick', 'wait', 'ask_name', 'fail', 'whoami', 'get_answer'])
      expect(second).toEqual(first)
    })

    test('calls a tool and gets structured content with its text', async () => {
      const connected = await connect()

      const result = await connected.callTool({ name: 'quick', arguments: { text: 'hi', times: 2 } })

      expect(result.structuredContent).toEqual({ said: 'hi hi' })
      expect(result.content).toEqual([{ type: 'text', text: 'hi hi' }])
    })

    test('is told of each field that is wrong, as an error of the tool', async () => {
      const connected = await connect()

      const result = await connected.callTool({ name: 'quick', arguments: { text: '', times: 9, extra: 1 } })

      expect(result.isError).toBe(true)
      expect(result.content[0]?.text).toMatch(/text: .*times: .*extra/s)
    })

    test('is told of an unknown tool by a protocol error', async () => {
      const connected = await connect()

      await expect(connected.callTool({ name: 'nothing' })).rejects.toMatchObject({ code: -32602 })
    })

    test('reads the message of a known failure, and nothing of an unforeseen one', async () => {
      const connected = await connect()

      const known = await connected.callTool({ name: 'fail', arguments: { how: 'known' } })
      const unknown = connected.callTool({ name: 'fail', arguments: { how: 'unknown' } })

      expect(known).toMatchObject({ isError: true, content: [{ type: 'text', text: 'Cannot find thread "th"' }] })
      await expect(unknown).rejects.toMatchObject({ code: -32603, message: expect.not.stringContaining('secret') })
    })

    test('hears of progress on the way', async () => {
      const connected = await connect()
      const heard: number[] = []

      await connected.callTool({ name: 'wait', arguments: { steps: 3 } }, { onprogress: ({ progress }) => heard.push(progress) })

      // The clients drop notifications that they read together with the result.
      expect(heard.length).toBeGreaterThan(0)
      expect(heard).toEqual([1, 2, 3].slice(0, heard.length))
    })

    test('is asked in the middle of a call, and its answer goes on with that call', async () => {
      const asked: string[] = []
      const answer: Answer = (message) => {
        asked.push(message)
        return { action: 'accept', content: { name: 'Ada' } }
      }
      const connected = await connectClient(sdk, target(), { answer })

      const result = await connected.callTool({ name: 'ask_name' })
      await connected.close()

      expect(asked).toEqual(['Your name?'])
      expect(result.content).toEqual([{ type: 'text', text: 'Hello Ada' }])
    })
  })
}
