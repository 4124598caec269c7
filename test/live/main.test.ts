import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiled } from '../support/compiled.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'
import { runLiveLine } from './live-line.ts'
import { liveRows } from './rows.ts'
import { behaveLikeAService } from './stand-in-service.ts'

const key = 'sk-live-Qw3rTy9uIoPaSdF7gHjKlZxC'
let cloud: ScriptedProvider
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-live-main-'))
  cloud = await startScriptedProvider({ key })
  behaveLikeAService(cloud, { models: ['gpt-4o-mini', 'claude-haiku-4-5'], longestPrompt: 300_000 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await cloud.close()
})

interface Ended {
  code: number
  out: string
  err: string
}

function live(): Promise<Ended> {
  const { PATH = '', SYSTEMROOT = '' } = process.env
  const program = [join(import.meta.dirname, 'main.ts')]
  return new Promise((resolve) => {
    execFile(process.execPath, program, { cwd: folder, env: { PATH, SYSTEMROOT, ...compiled } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })
}

/** Without a process of its own. */
async function line(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  let [out, err] = ['', '']
  const code = await runLiveLine([...args], {
    env,
    signal: new AbortController().signal,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

test('live without a key says in one sentence what it needs, and exits 2', async () => {
  const { code, out, err } = await live()

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toBe('A live run needs a real key in OPENAI_API_KEY or ANTHROPIC_API_KEY, and spends at most --max-usd (0.50) on it\n')
})

test.each([
  [['--max-usd=nothing'], '--max-usd must be above 0 and at most 100, received "nothing"'],
  [['--max-usd=0'], '--max-usd must be above 0'],
  [['--cap=1'], '--cap'],
  [['--openai-url=here'], '--openai-url must be a URL, received "here"'],
  [['--openai-model=gpt-nowhere'], 'the price of openai/gpt-nowhere is not known'],
])('live %j is refused before anything is sent', async (args, words) => {
  const { code, err } = await line(args, { OPENAI_API_KEY: key })

  expect(code).toBe(2)
  expect(err).toContain(words)
  expect(err).not.toContain(key)
  expect(cloud.requests).toHaveLength(0)
})

test('live runs the rows of each key, prints a table with the spend, and keeps cassettes', async () => {
  const kept = join(folder, 'kept')
  const urls = [`--openai-url=${cloud.openaiUrl}`, `--anthropic-url=${cloud.url}`, '--openai-model=gpt-4o-mini']

  const { code, out, err } = await line([...urls, '--max-usd=2', `--cassettes=${kept}`], { OPENAI_API_KEY: key, ANTHROPIC_API_KEY: key })

  expect({ code, err: err.split('\n').at(-2) }).toEqual({ code: 0, err: 'anthropic: too-long' })
  expect(out.match(/\| holds +\|/g)).toHaveLength(liveRows.length * 3)
  expect(out).toMatch(/Counted \$0\.\d{4} of the cap of \$2\.00; cassettes in \S+kept\n/)
  expect(`${out}${err}`).not.toContain(key)
  expect(readdirSync(kept).toSorted()).toEqual(['anthropic', 'openai', 'openai-chat'])
  expect(existsSync(join(kept, 'anthropic', 'abort.json'))).toBe(true)
})
