import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { callerKey, type GatewayDoor, openGateway, simpleBody } from '../support/gateway.ts'

/*
 * What the command line shows of steps that were made.
 */

let door: GatewayDoor
beforeAll(async () => {
  door = await openGateway({ http: { tokens: [{ name: 'caller', token: callerKey, roles: ['owner'] }] } })
  door.cloud.script([{ status: 503 }, { text: 'Blue' }])
  await (await door.post('/v1/chat/completions', simpleBody('openai-chat', 'signalbox/chat', 'Which colour is the sky?', false))).text()
})
afterAll(() => door.close())

/** On the box of the door, which the command does not close. */
const run = async (...line: string[]) => {
  using folders = createConfigFolders()
  return runLine(folders, line, { openSignalbox: async () => ({ ...door.box, close: async () => undefined }) })
}

test('trace shows the newest step as a tree: signals with their times, the rule, candidates, attempts, dollars', async () => {
  const { code, out } = await run('trace')

  expect(code).toBe(0)
  expect(out).toMatch(/^de_\w+ {2}answered {2}20/)
  expect(out).toMatch(/├ step: user_turn, about \d+ tokens/)
  expect(out).toContain('"Which colour is the sky?"')
  expect(out).toMatch(/├ signals: \d+ values?\n(│ [├└] \S+ = .*\(\d+ %, [\d.]+ ms\)\n)+/)
  expect(out).toMatch(/├ rule: \S+ of policy balanced: /)
  expect(out).toMatch(/1\. chat-a\/alpha, at most \$/)
  expect(out).toMatch(/chat-a\/alpha: unavailable, .* after \d+ ms/)
  expect(out).toMatch(/chat-b\/beta: answered after \d+ ms/)
  expect(out).toMatch(/└ outcome: chat-b\/beta, stop, .* out, \$[\d.]+/)
})

test('trace takes an id, gives all of it as JSON, and says so when there is none', async () => {
  const { out } = await run('trace', '--json')
  const step = JSON.parse(out) as { id: string; plan: unknown; outcome: { attempts: unknown[] } }

  expect(step).toMatchObject({ plan: { decision: step.id }, steps: [] })
  expect(step.outcome.attempts).toHaveLength(2)
  expect((await run('trace', step.id)).out).toContain(step.id)
  expect(await run('trace', 'de_nothing')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no decision "de_nothing"'),
  })
})

test('top shows pools and steps once where there is no terminal, and as JSON', async () => {
  const { out, err } = await run('top')
  const told = JSON.parse((await run('top', '--json')).out) as { status: { pools: unknown[] }; steps: unknown[] }

  expect(err).toContain('No HTTP server of Signalbox runs on this data')
  expect(out).toMatch(/^Signalbox \S+ at .*, \$[\d.]+ today\n\nPOOL +MODEL +STATE +NOW/)
  expect(out).toMatch(/chat +chat-b\/beta +ready +0 +1 +0/)
  expect(out).toMatch(/answered +chat-b\/beta .*Which colour is the sky\?/)
  expect(told.steps).toHaveLength(1)
  expect(told.status.pools.length).toBeGreaterThan(0)
})

test('completions come from the commands themselves: bash completes them', async () => {
  const { out } = await run('completions', 'bash')
  const complete = (...words: string[]) => {
    const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _signalbox; echo "\${COMPREPLY[*]}"`
    return spawnSync('bash', ['-c', `${out}\n${line}`], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ')
  }

  expect(complete('signalbox', 'tr').toSorted()).toEqual(['trace', 'train', 'trust'])
  expect(complete('signalbox', 'tools', 'li')).toEqual(['list'])
  expect(complete('signalbox', '--json', 'policy', 'che')).toEqual(['check'])
  expect(complete('signalbox', 'serve', '--profile-')).toEqual(['--profile-cpu'])
})

test.each(['zsh', 'fish', 'powershell'])('completions %s name every command', async (shell) => {
  const { out } = await run('completions', shell)

  for (const name of ['serve', 'trace', 'top', 'completions', 'policy check', 'tools list']) expect(out).toContain(name)
  expect(JSON.parse((await run('completions', shell, '--json')).out)).toMatchObject({ shell, script: expect.stringContaining('trace') })
})
