import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deployment, price } from '../support/deployments.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'
import type { LiveTarget } from './call.ts'
import { createCap } from './cap.ts'
import { type Cassette, replayingFetch } from './cassette.ts'
import { liveRows } from './rows.ts'
import { type LiveOptions, runLive, runRow } from './run-live.ts'
import { behaveLikeAService } from './stand-in-service.ts'

const key = 'sk-live-Qw3rTy9uIoPaSdF7gHjKlZxC'
const small = { contextTokens: 30_000, price: price(1, 4) }

let cloud: ScriptedProvider
let folder: string
beforeAll(async () => {
  cloud = await startScriptedProvider({ key })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-live-'))
  cloud.reset()
  behaveLikeAService(cloud, { models: ['m'], longestPrompt: 100_000 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
afterAll(() => cloud.close())

const targets = (): LiveTarget[] => [
  { name: 'openai', format: 'openai-responses', baseUrl: cloud.openaiUrl, key, deployment: deployment('openai/m', small) },
  { name: 'openai-chat', format: 'openai-chat', baseUrl: cloud.openaiUrl, key, deployment: deployment('openai/m', small) },
  { name: 'anthropic', format: 'anthropic-messages', baseUrl: cloud.url, key, deployment: deployment('anthropic/m', small) },
]
const live = (facts: Partial<LiveOptions> = {}) =>
  runLive({
    ...{
      targets: targets(),
      cap: createCap(10),
      fetch,
      signal: new AbortController().signal,
      cassettes: folder,
      progress: () => undefined,
    },
    ...facts,
  })
const cassettesIn = (target: string) => readdirSync(join(folder, target)).map((file) => readFileSync(join(folder, target, file), 'utf8'))

describe('runLive()', () => {
  test('every row holds on a service that does as expected, on each wire format', async () => {
    const results = await live()

    expect(results.filter(({ verdict }) => verdict !== 'holds')).toEqual([])
    expect(results).toHaveLength(liveRows.length * 3)
  })

  test('a row that a service shows otherwise differs, and says how', async () => {
    cloud.answer(() => ({ text: 'No' }))

    const results = await live({ targets: targets().slice(0, 1) })

    const differing = results.filter(({ verdict }) => verdict === 'differs').map(({ row }) => row)
    expect(differing).toEqual(['plain', 'streaming', 'tools', 'parallel-tools', 'image', 'usage', 'wrong-model', 'too-long'])
    expect(results[0]?.detail).toBe('the word pong and the end was due, received: stop')
  })

  test('nothing is sent that the cap has no room for at its worst', async () => {
    const cap = createCap(0.05)
    const results = await live({ cap })

    expect(cap.spentUsd).toBeLessThanOrEqual(0.05)
    const leftOut = results.filter(({ verdict }) => verdict === 'left out')
    expect(leftOut.length).toBeGreaterThan(0)
    expect(results.filter(({ verdict }) => verdict === 'holds').length).toBeGreaterThan(0)
    expect(results.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThanOrEqual(cloud.requests.length)
  })

  test('a cap below the worst case of the first call: not one request', async () => {
    const results = await live({ cap: createCap(0.001) })

    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['left out']))
    expect(cloud.requests).toHaveLength(0)
  })

  test('a refusal costs nothing, and an answer that broke off all that it may have cost', async () => {
    const results = await live({ targets: targets().slice(0, 1) })

    const costs = Object.fromEntries(results.map(({ row, costUsd }) => [row, costUsd]))
    expect([costs['wrong-model'], costs['wrong-key'], costs['too-long']]).toEqual([0, 0, 0])
    expect(costs['abort']).toBeGreaterThan(2000 * 4e-6)
  })

  test('no key, no id of the service and no header of the account is kept', async () => {
    await live()

    for (const text of ['openai', 'openai-chat', 'anthropic'].flatMap(cassettesIn)) {
      expect(text).not.toContain(key.slice(8))
      expect(text).not.toMatch(/"(?:authorization|x-api-key|connection)":|Vu8dXk2p9QwErTy1|Zx7Kq0/)
    }
    expect(cassettesIn('anthropic')).toHaveLength(liveRows.length)
  })

  test('a cassette gives the same verdict as the service did, through the provider files', async () => {
    const results = await live()

    for (const target of targets()) {
      for (const text of cassettesIn(target.name)) {
        const cassette = JSON.parse(text) as Cassette
        const row = liveRows.find(({ name }) => name === cassette.row)
        if (row === undefined) throw new Error(`no row ${cassette.row}`)
        const replayed = await runRow(row, {
          ...{ target, cap: createCap(10), fetch: replayingFetch(cassette.exchanges), signal: new AbortController().signal },
        })
        const recorded = results.find((one) => one.target === target.name && one.row === cassette.row)
        expect([row.name, replayed.verdict, replayed.calls]).toEqual([row.name, recorded?.verdict, recorded?.calls])
      }
    }
  })

  test('an abort ends the run with its reason', async () => {
    const reason = new Error('Stopped')

    await expect(live({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(cloud.requests).toHaveLength(0)
  })
})

describe('replayingFetch()', () => {
  const exchange = (open: boolean) => {
    const request = { method: 'POST', path: '/', headers: {}, body: '' }
    return { request, response: { status: 200, headers: {}, body: 'data: {}', open } }
  }

  test('an answer that had ended ends, one that was left goes on until it is left again', async () => {
    const leaving = new AbortController()
    const send = replayingFetch([exchange(false), exchange(true)])
    const ended = await send('http://replayed.invalid')
    const left = (await send('http://replayed.invalid', { signal: leaving.signal })).text()

    expect(await ended.text()).toBe('data: {}')
    setTimeout(() => leaving.abort(new Error('left')), 20)
    await expect(left).rejects.toThrow('left')
  })

  test('more requests than were recorded are an error', async () => {
    await expect(replayingFetch([])('http://replayed.invalid')).rejects.toThrow('holds 0 exchanges')
  })
})
