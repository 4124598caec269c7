import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRecall, createThreads, openSqliteStore, type Store } from '../../memory/index.ts'
import { runLine } from '../support/cli-terminal.ts'
import { type ConfigFolders, createConfigFolders } from '../support/config-folders.ts'

const secrets = ['sk-live-4fJ2kQ9xWm7Lr3', 'hunter2hunter2', 'ghp_016C7eNcAi5cJ2mX9Lw4Tq8Rz1Vb6Yd3Hf0K']
const yaml = `# the office
providers:
  local: { kind: openai, base_url: http://127.0.0.1:8000/v1, api_key: ${secrets[0]} } # paid by Ada
pools:
  quick: { models: [local/qwen3] }
http: { token: "\${HTTP_TOKEN:-a-token-of-sixteen}" }
tools:
  files: { command: node, args: [server.js, --token, ${secrets[2]}], env: { PASSWORD: ${secrets[1]}, PLAIN: "\${PLAIN}", STAGE: production } }
policy: ./rules/own.yaml
`
const policy = `name: own
signals: { topic: { kind: knowledge-base, file: facts.jsonl } }
default: { prefer: first }
`

const env = { HTTP_TOKEN: 'the-token-of-the-door', PLAIN: 'a-plain-value' }
const storeOf = (folders: ConfigFolders) => openSqliteStore({ path: join(folders.data, 'signalbox.db') })
const userFolder = (folders: ConfigFolders) => join(folders.home, '.config/signalbox')

function office(): ConfigFolders {
  const folders = createConfigFolders()
  folders.write('home/.config/signalbox/signalbox.yaml', yaml)
  folders.write('home/.config/signalbox/rules/own.yaml', policy)
  folders.write('home/.config/signalbox/rules/facts.jsonl', '{"name":"a","texts":["b"]}\n')
  folders.write('home/.config/signalbox/tools.lock', '{"version":1,"servers":{}}\n')
  return folders
}

/** Something of each part, of two principals, with times of their own. */
async function fill(store: Store): Promise<{ thread: string }> {
  const threads = createThreads(store, { estimateTokens: (text) => text.length })
  const recall = createRecall(store, { embedder: undefined, estimateTokens: (text) => text.length })
  const { thread } = await threads.open('ada', 'harbour', { project: 'ships' })
  await threads.append('ada', thread, [
    { role: 'user', trust: 'owner', content: [{ type: 'text', text: `The key is ${secrets[1]}, the production ferry leaves at six` }] },
  ])
  await recall.remember('local', { text: 'I live in Turin', trust: 'known', scope: 'caller' })
  await store.rows.put('ada', 'decision', 'de_1', { rule: 'default' })
  await store.rows.put('instance', 'routing-learner', 'beta', { name: 'beta', stage: 'shadow' })
  await store.rows.put('instance', 'catalogue', 'pins of files', { read: { pinned: 'abc' } })
  await store.rows.put('ada', 'approval', 'ap_1', { verdict: 'accepted' })
  await store.logs.append('ada', 'tool-outcomes', [{ id: 'o1', value: { class: 'ok' }, at: 7 }])
  await store.logs.append('local', 'tool-audit', [{ id: 'a1', value: { tool: 'x' }, at: 8 }])
  return { thread }
}

test('export and import carry every part to another machine, with its times, and no secret goes along', { timeout: 60_000 }, async () => {
  using here = office()
  using there = createConfigFolders()
  const filled = await storeOf(here)
  const { thread } = await fill(filled)
  const created = (await filled.rows.get('ada', 'thread', thread))?.createdAt
  await filled.close()

  const exported = await runLine(here, ['export', 'all.signalbox', '--json'], { env })
  const file = readFileSync(join(here.project, 'all.signalbox'), 'utf8')
  writeFileSync(join(there.project, 'all.signalbox'), file)
  const imported = await runLine(there, ['import', 'all.signalbox'])
  const again = await runLine(there, ['import', 'all.signalbox'], {
    env: { ...env, PROVIDERS_LOCAL_API_KEY: 'k', TOOLS_FILES_ENV_PASSWORD: 'p', TOOLS_FILES_ENV_STAGE: 's', REMOVED_SECRET: 'r' },
  })

  for (const secret of [
    ...secrets,
    ...Object.values(env),
    'a-token-of-sixteen',
    readFileSync(join(here.data, 'http-token'), 'utf8').trim(),
  ])
    expect(file).not.toContain(secret)
  expect(JSON.parse(exported.out)).toMatchObject({
    counts: { configuration: 1, policies: 2, pins: 2, learned: 2, decisions: 2 },
    variables: [
      { key: 'providers.local.api_key', variable: 'PROVIDERS_LOCAL_API_KEY' },
      { key: 'http.token', variable: 'HTTP_TOKEN' },
      { key: 'tools.files.env.PASSWORD', variable: 'TOOLS_FILES_ENV_PASSWORD' },
      { key: 'tools.files.env.STAGE', variable: 'TOOLS_FILES_ENV_STAGE' },
      { variable: 'REMOVED_SECRET' },
    ],
    left: [],
  })
  if (process.platform !== 'win32') expect(statSync(join(here.project, 'all.signalbox')).mode & 0o777).toBe(0o600)
  expect(imported).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Imported configuration, policies, pins, learned, memory, decisions: \d+ entries, 0 /),
  })
  expect(imported.err).toContain('signalbox.yaml: read it before you use it')
  expect(again.out).toMatch(/: 0 entries, \d+ were there already/)
  const config = readFileSync(join(userFolder(there), 'signalbox.yaml'), 'utf8')
  expect(config).toContain(`api_key: "\${PROVIDERS_LOCAL_API_KEY}" } # paid by Ada`)
  expect(readFileSync(join(userFolder(there), 'rules/own.yaml'), 'utf8')).toBe(policy)
  expect(readdirSync(userFolder(there)).toSorted()).toEqual(['rules', 'signalbox.yaml', 'tools.lock'])

  const store = await storeOf(there)
  const [turn] = await store.logs.read<{ trust: string; content: { text: string }[] }>('ada', thread)
  expect(turn?.value).toMatchObject({ trust: 'known', content: [{ text: 'The key is [hidden], the production ferry leaves at six' }] })
  expect((await store.rows.get('ada', 'thread', thread))?.createdAt).toBe(created)
  expect(await store.documents.search({ principal: 'local', text: 'Turin', limit: 3 })).toHaveLength(1)
  expect((await store.documents.list('ada')).documents).toMatchObject([{ thread, project: 'ships', trust: 'known' }])
  const [said] = (await store.documents.list('local')).documents
  expect(await store.documents.statements('local', [said?.id ?? ''])).toMatchObject([{ relation: 'lives in', value: 'Turin' }])
  expect(await store.logs.read('ada', 'tool-outcomes')).toMatchObject([{ id: 'o1', at: 7 }])
  expect(await store.rows.get('instance', 'routing-learner', 'beta')).toBeDefined()
  expect(await store.rows.get('ada', 'approval', 'ap_1')).toBeUndefined()
  await store.close()
})

test('export --what and import --what take the parts that are named, and nothing that is there is replaced', async () => {
  using here = office()
  using there = createConfigFolders()
  const filled = await storeOf(here)
  await fill(filled)
  await filled.close()
  const own = there.write('home/.config/signalbox/signalbox.yaml', 'budget: { usd_per_day: 1 }\n')

  await runLine(here, ['export', 'some.signalbox', '--what', 'configuration', 'learned'], { env })
  writeFileSync(join(there.project, 'some.signalbox'), readFileSync(join(here.project, 'some.signalbox')))
  const wrong = await runLine(there, ['import', 'some.signalbox', '--what', 'memory'])
  const learned = await runLine(there, ['import', 'some.signalbox', '--what', 'learned'])
  const all = await runLine(there, ['import', 'some.signalbox'])
  const twice = await runLine(here, ['export', 'some.signalbox'], { env })

  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('(configuration, learned), received memory') })
  expect(learned.out).toBe('Imported learned: 2 entries, 0 were there already\n')
  expect(all.err).toContain(`Left ${own} as it is`)
  expect(readFileSync(own, 'utf8')).toBe('budget: { usd_per_day: 1 }\n')
  expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('it is there already') })
})

test('import refuses what was changed, cut, or written by a newer Signalbox, and what does not belong to its part, before it writes anything', async () => {
  using here = createConfigFolders()
  const filled = await storeOf(here)
  await fill(filled)
  await filled.close()
  await runLine(here, ['export', 'all.signalbox'])
  const lines = readFileSync(join(here.project, 'all.signalbox'), 'utf8').trimEnd().split('\n')
  const [head = '', ...rest] = lines
  const refusal = async (...changed: string[]) => {
    using there = createConfigFolders()
    there.write('project/x', `${changed.join('\n')}\n`)
    const { code, err } = await runLine(there, ['import', 'x'])
    const store = await storeOf(there)
    const { counts } = await store.info()
    await store.close()
    return { code, err, rows: counts['principals'] }
  }
  const signed = async (...body: string[]) => {
    const { createHash } = await import('node:crypto')
    const text = body.map((line) => `${line}\n`).join('')
    return [...body, JSON.stringify({ lines: body.length - 1, sha256: createHash('sha256').update(text).digest('hex') })]
  }
  const planted = JSON.stringify({
    part: 'memory',
    record: { of: 'row', principal: 'ada', kind: 'approval', id: 'ap_9', value: {}, createdAt: 1, updatedAt: 1 },
  })
  const outside = JSON.stringify({ part: 'policies', file: { path: '../../evil.yaml', text: 'x' } })

  expect(await refusal(head, ...rest.map((line) => line.replace('six', 'ten')))).toMatchObject({
    code: 1,
    err: expect.stringContaining('checksum'),
    rows: 0,
  })
  expect(await refusal(head, ...rest.slice(0, -1))).toMatchObject({ code: 1, err: expect.stringContaining('its end is missing'), rows: 0 })
  expect(await refusal(head.replace(/"schema":\d+/, '"schema":999'), ...rest)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/schema 999\), and this one, .*; update Signalbox/),
    rows: 0,
  })
  expect(await refusal(...(await signed(head, planted)))).toMatchObject({
    code: 1,
    err: expect.stringContaining('must hold a record of that part'),
    rows: 0,
  })
  expect(await refusal(...(await signed(head, outside)))).toMatchObject({
    code: 1,
    err: expect.stringContaining('"../../evil.yaml"'),
    rows: 0,
  })
})
