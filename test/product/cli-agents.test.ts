import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { agents, type Run } from '../support/cli-agents/agents.ts'
import { playTask, prompts, reasoningMark, secret } from '../support/cli-agents/task.ts'
import { problemsOf, reasoningIn } from '../support/cli-agents/well-formed.ts'
import { createHome } from '../support/product/home.ts'
import { type HttpProgram, serveHttp } from '../support/product/program.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/*
 * The command-line agents as npm has them, told nothing but where the models are: each works through a task of several tools, its first
 * turn on one provider and its second on the next, in each order of the three wire formats. They are installed by
 * `scripts/install-cli-agents.js`; where they are not, this is skipped.
 */

const providers = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
type Provider = (typeof providers)[number]
const paths = { 'anthropic-messages': '/v1/messages', 'openai-chat': '/v1/chat/completions', 'openai-responses': '/v1/responses' }
/** The names that agents insist on; Signalbox routes them. */
const models = { claude: 'claude-opus-4-6', codex: 'gpt-5.6', opencode: 'signalbox/auto' }

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

for (const agent of agents) {
  const title = agent.missing === undefined ? agent.name : `${agent.name} (skipped: ${agent.missing})`
  describe.skipIf(agent.missing !== undefined)(title, () => {
    for (const [index, first] of providers.entries()) {
      const second = providers[(index + 1) % providers.length] ?? first
      test(`works through a task on ${first}, and goes on with it on ${second}`, { timeout: 600_000 }, async () => {
        const { cloud, box, place } = await prepare(first, second)
        const turn = (prompt: string, goesOn: boolean) => agent.turn({ url: box.url, model: models[agent.name], prompt, goesOn, place })

        const one = await turn(prompts.first, false)
        const written = cloud.requests.length
        const two = await turn(prompts.second, true)

        const [before, after] = [cloud.requests.slice(0, written), cloud.requests.slice(written)]
        expect(told(one)).toMatchObject({ code: 0, done: true })
        expect(readFileSync(join(place.work, 'answer.txt'), 'utf8')).toContain(secret)
        expect(told(two)).toMatchObject({ code: 0, done: true })
        expect(two.out).toContain(secret)
        expect(servedBy(before)).toEqual([`${paths[first]} model-one`])
        expect(servedBy(after)).toEqual([`${paths[second]} model-two`])
        expect(before.flatMap((request) => problemsOf(request, `${reasoningMark} two`))).toEqual([])
        expect(after.flatMap((request) => problemsOf(request, `${reasoningMark} one`))).toEqual([])
        // Inside a turn each model gets its own reasoning back, whatever format it went through.
        expect(reasoningIn(before.at(-1))).toContain(`${reasoningMark} one`)
        expect(reasoningIn(after.at(-1))).toContain(`${reasoningMark} two`)
        expect(cloud.requests.flatMap(({ headers }) => Object.values(headers)).filter((value) => value.includes('none-of-ours'))).toEqual(
          [],
        )
      })
    }
  })
}

/** What the agent said, when it failed. */
function told({ code, out, err }: Run) {
  const done = /DONE-(one|two)/.test(out)
  return { code, done, ...((code !== 0 || !done) && { out: out.slice(-3000), err: err.slice(-3000) }) }
}

/** Requests of the task alone: what a client asks for besides may go elsewhere. */
function servedBy(requests: ScriptedProvider['requests']): string[] {
  return [...new Set(requests.filter(({ tools }) => tools.length > 0).map(({ path, model }) => `${path} ${model}`))]
}

async function prepare(first: Provider, second: Provider) {
  const cloud = await startScriptedProvider()
  open.push(() => cloud.close())
  cloud.answer(playTask)
  const provider = (format: Provider) => ({
    ...(format === 'anthropic-messages'
      ? { kind: 'anthropic', base_url: cloud.url }
      : { kind: 'openai', format, base_url: cloud.openaiUrl }),
    api_key: 'key-of-the-provider',
  })
  const home = createHome(({ root }) => {
    // The second turn is recognised by a word of the person, and keeps its model as long as it lasts.
    const policy = {
      name: 'turns',
      signals: { turn: { kind: 'turn' }, second: { kind: 'keyword', any: ['TURN-TWO'] } },
      rules: [{ name: 'second_turn', why: 'the person goes on', when: 'signals.second', action: { prefer: { pool: 'later' } } }],
      default: { prefer: 'first' },
    }
    writeFileSync(join(root, 'turns.yaml'), JSON.stringify(policy))
    return {
      providers: { one: provider(first), two: provider(second) },
      pools: { sooner: { models: ['one/model-one'] }, later: { models: ['two/model-two'] } },
      route: { 'claude-*': 'signalbox/auto', 'gpt-*': 'signalbox/auto' },
      policy: './turns.yaml',
    }
  })
  open.push(async () => home.remove())
  const box: HttpProgram = await serveHttp(home)
  open.push(() => box.stop())
  const place = { home: join(home.root, 'person'), work: home.files }
  mkdirSync(place.home)
  home.write('notes.txt', `${secret}\n`)
  return { cloud, box, place }
}
