import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectClient } from '../support/mcp-clients.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { descendantsOf, stillAlive } from '../support/product/processes.ts'
import { serveHttp } from '../support/product/program.ts'
import { openRawStdio, type RawStdio } from '../support/product/raw-stdio.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** A process may be killed at any moment, and several may work on one database file. */

let cloud: ScriptedProvider
let home: Home

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome((one) => ({
    tools: { files: published('filesystem', one.files) },
    providers: scriptedProvider(cloud, { input: 1000, output: 1000 }),
    pools: { cloud: { models: ['scripted/large'] } },
  }))
})

afterAll(async () => {
  await cloud?.close()
  home?.remove()
})

function integrityOf(database: string): unknown {
  const file = new Database(database, { readonly: true })
  try {
    return { integrity: file.pragma('integrity_check', { simple: true }), foreignKeys: file.pragma('foreign_key_check') }
  } finally {
    file.close()
  }
}

const intact = { integrity: 'ok', foreignKeys: [] }

/** Asks until the program is gone; what was acknowledged goes into `acknowledged`. */
async function keepAsking(raw: RawStdio, thread: string, acknowledged: string[]): Promise<void> {
  for (let number = 0; ; number += 1) {
    const prompt = `Turn ${thread} ${number}`
    try {
      const answer = await raw.call('ask', { prompt, thread, pool: 'extractive' })
      if (answer.structuredContent?.['status'] === 'done') acknowledged.push(prompt)
    } catch {
      return
    }
  }
}

async function promptsIn(raw: RawStdio, thread: string): Promise<string[]> {
  return (await turnsIn(raw, thread)).filter(({ role }) => role === 'user').map(({ text }) => text)
}

async function turnsIn(raw: RawStdio, thread: string): Promise<{ role: string; text: string }[]> {
  const found: { role: string; text: string }[] = []
  let cursor: string | undefined
  do {
    const page = (await raw.call('threads', { op: 'get', thread, ...(cursor !== undefined && { cursor }) })).structuredContent ?? {}
    for (const turn of page['turns_shown'] as { role: string; content: { text?: string }[] }[]) {
      found.push({ role: turn.role, text: turn.content[0]?.text ?? '' })
    }
    cursor = page['next_cursor'] as string | undefined
  } while (cursor !== undefined)
  return found
}

test.skipIf(process.platform === 'win32')(
  'kill -9 at random moments loses no acknowledged turn, leaves no process behind and the database whole',
  { timeout: 90_000 },
  async () => {
    const acknowledged = new Map<string, string[]>()

    for (let round = 0; round < 3; round += 1) {
      const raw = await openRawStdio(home, { alone: true })
      const threads = [`a${round}`, `b${round}`]
      for (const thread of threads) acknowledged.set(thread, [])
      const asking = threads.map((thread) => keepAsking(raw, thread, acknowledged.get(thread) ?? []))
      await until(() => acknowledged.get(`a${round}`)?.length, 'the first turn is acknowledged')
      const children = await until(() => {
        const found = descendantsOf(raw.program.child.pid ?? 0)
        return found.length > 0 ? found : undefined
      }, 'the hosted server runs')
      await sleep(randomInt(0, 400))

      await raw.program.kill()

      await Promise.all(asking)
      await until(() => stillAlive(children).length === 0, `no child of the killed program lives`)
      expect(integrityOf(home.database)).toEqual(intact)
    }

    const after = await openRawStdio(home, { alone: true })
    for (const [thread, prompts] of acknowledged) expect(await promptsIn(after, thread)).toEqual(expect.arrayContaining(prompts))
    expect([...acknowledged.values()].flat().length).toBeGreaterThanOrEqual(3)
    expect(await after.program.stop()).toBe(0)
  },
)

test('a handle whose process was killed answers lost, with its start and what it had spent', { timeout: 60_000 }, async () => {
  const raw = await openRawStdio(home, { alone: true })
  await until(async () => {
    const { structuredContent } = await raw.call('find_tools', { names: ['files_list_allowed_directories'] })
    return structuredContent?.['none_fits'] === false
  }, 'the hosted server is there')
  cloud.script([
    {
      toolCalls: [{ name: 'find_tools', input: { need: 'list a folder' } }],
      usage: { inputTokens: 40, outputTokens: 10 },
      delays: { headers: 300 },
    },
    { text: 'never', interrupt: { after: 'headers', how: 'stall' } },
  ])
  const before = Date.now()
  const started = await raw.call('ask', { prompt: 'Look around', use_tools: true, wait_s: 0 })
  const handle = String(started.structuredContent?.['handle'])
  await until(() => cloud.requests.length === 2, 'the second step is under way')
  await raw.program.kill()

  const after = await openRawStdio(home, { alone: true })
  const lost = await after.call('get_answer', { handle, wait_s: 0 })

  expect(started.structuredContent).toMatchObject({ status: 'working', handle: expect.stringMatching(/^ha_[0-9a-f]{32}$/) })
  // 50 tokens at 1,000 dollars a million.
  expect(lost.structuredContent).toMatchObject({ status: 'lost', handle, cost_usd: 0.05 })
  const startedAt = Date.parse(String(lost.structuredContent?.['started_at']))
  expect(startedAt).toBeGreaterThanOrEqual(before)
  expect(startedAt).toBeLessThanOrEqual(Date.now())
  expect(lost.content[0]?.text).toMatch(/^lost: .*\$0\.0500/)
  expect((await after.call('get_answer', { handle: `ha_${'0'.repeat(32)}`, wait_s: 0 })).isError).toBe(true)
  await after.program.stop()
  cloud.reset()
})

test('a program that is asked to end lets no call hang, and its handle is lost as well', { timeout: 60_000 }, async () => {
  const program = await serveHttp(home)
  const client = await connectClient('v2 modern', { url: program.mcp })
  cloud.script([{ text: 'never', interrupt: { after: 'headers', how: 'stall' } }])
  const started = await client.callTool({ name: 'ask', arguments: { prompt: 'For ever', wait_s: 0 } })
  const { handle } = started.structuredContent as { handle: string }
  await until(() => cloud.requests.length === 1, 'the provider is asked')

  const code = await program.stop()

  const after = await openRawStdio(home, { alone: true })
  const lost = await after.call('get_answer', { handle, wait_s: 0 })
  expect(code).toBe(0)
  expect(cloud.requests[0]?.outcome).toBe('left')
  expect(lost.structuredContent).toMatchObject({ status: 'lost', handle, cost_usd: 0 })
  await client.close()
  await after.program.stop()
  cloud.reset()
})

describe('two programs on one database file', () => {
  let programs: RawStdio[]
  // A process each: without `alone` they would share an instance.
  beforeAll(async () => {
    programs = await Promise.all([openRawStdio(home, { alone: true }), openRawStdio(home, { alone: true })])
  }, 60_000)
  afterAll(async () => {
    await Promise.all(programs.map(({ program }) => program.stop()))
    expect(integrityOf(home.database)).toEqual(intact)
  })

  test('see each other and corrupt nothing', { timeout: 60_000 }, async () => {
    const [one, two] = programs as [RawStdio, RawStdio]

    const ask = (raw: RawStdio, who: string) =>
      Promise.all(
        Array.from({ length: 15 }, (_, number) =>
          raw.call('ask', { prompt: `${who} says ${number}`, thread: number % 2 === 0 ? 'shared' : `own ${who}`, pool: 'extractive' }),
        ),
      )
    const answers = (await Promise.all([ask(one, 'one'), ask(two, 'two')])).flat()

    expect(answers.map((answer) => answer.structuredContent?.['status'])).toEqual(answers.map(() => 'done'))
    const shared = await promptsIn(one, 'shared')
    expect(shared).toHaveLength(16)
    // An exchange is one write: no other turn stands between a question and its answer.
    const roles = (await turnsIn(one, 'shared')).map(({ role }) => role)
    expect(roles).toEqual(shared.flatMap(() => ['user', 'assistant']))
    expect(await promptsIn(two, 'shared')).toEqual(shared)
    expect(await promptsIn(one, 'own two')).toHaveLength(7)
    const kept = (await one.call('remember', { text: 'The password of the boathouse is heron' })).structuredContent as { ids: string[] }
    const recalled = await two.call('recall', { query: 'password of the boathouse' })
    expect(recalled.structuredContent?.['items']).toEqual(expect.arrayContaining([expect.objectContaining({ id: kept.ids[0] })]))
    expect(integrityOf(home.database)).toEqual(intact)
  })

  test('end all removals at the same time, of one program and of two', { timeout: 60_000 }, async () => {
    const removals = programs.flatMap((raw) =>
      Array.from({ length: 6 }, (_, number) => raw.call('forget', { text: `nobody said ${number}` })),
    )

    for (const result of await Promise.all(removals)) expect(result.structuredContent, result.content[0]?.text ?? '').toBeDefined()
    expect(integrityOf(home.database)).toEqual(intact)
  })

  test("fetch each other's handles, and a run is not lost while it works", { timeout: 60_000 }, async () => {
    const [one, two] = programs as [RawStdio, RawStdio]
    const held = Promise.withResolvers<void>()
    cloud.answer(async () => {
      await held.promise
      return { text: 'From the other process.' }
    })

    const started = await one.call('ask', { prompt: 'Slowly', wait_s: 0 })
    const handle = String(started.structuredContent?.['handle'])
    const early = await two.call('get_answer', { handle, wait_s: 0 })
    held.resolve()
    const answer = await two.call('get_answer', { handle, wait_s: 20 })

    expect(early.structuredContent).toMatchObject({ status: 'working', handle })
    expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'From the other process.' })
    cloud.reset()
  })
})

test('a day of money holds over two programs and parallel calls: what may be spent is reserved before it is', {
  timeout: 60_000,
}, async () => {
  const shared = createHome(() => ({
    providers: scriptedProvider(cloud, { input: 1, output: 1000 }),
    pools: { cloud: { models: ['scripted/large'] } },
    // Each call may cost a little more than 0.1 dollars: 100 tokens of output, and few of input.
    budget: { usd_per_day: 0.45 },
  }))
  const programs = await Promise.all([serveHttp(shared), serveHttp(shared)])
  let open = 0
  let most = 0
  cloud.answer(async () => {
    open += 1
    most = Math.max(most, open)
    await sleep(300)
    open -= 1
    return { text: 'yes', usage: { inputTokens: 10, outputTokens: 100 } }
  })
  const clients = await Promise.all(programs.map(({ mcp }) => connectClient('v2 modern', { url: mcp })))

  const asked = await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: 6 }, () => client.callTool({ name: 'ask', arguments: { prompt: 'May I?', max_output_tokens: 100 } })),
    ),
  )

  const done = asked.filter((result) => (result.structuredContent as { status?: string } | undefined)?.status === 'done')
  const refused = asked.filter((result) => result.isError === true)
  expect(done).toHaveLength(4)
  expect(refused).toHaveLength(8)
  for (const { content } of refused) expect(content[0]?.text).toMatch(/budget/)
  expect(cloud.requests).toHaveLength(4)
  expect(most).toBeLessThanOrEqual(4)
  for (const client of clients) {
    const status = (await client.callTool({ name: 'status' })).structuredContent as { budget: { spent_today_usd: number } }
    expect(status.budget.spent_today_usd).toBeCloseTo(4 * 0.10001, 4)
    await client.close()
  }
  await Promise.all(programs.map((program) => program.stop()))
  shared.remove()
  cloud.reset()
})
