// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createAnswers, openSqliteStore } from '../../memory/index.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import type { HostedTool, PinChange, ToolHost } from '../../tools/tool.ts'
import { answered, runLine, scriptedSignalbox } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

describe('ask', () => {
  const answer = () =>
    answered({
      status: 'done',
      text: 'Forty-two',
      model: 'local/m',
      pool: 'quick',
      cost_usd: 0,
      thread: 'th_1',
      decision: 'de_1',
      warnings: ['It was cut'],
    })

  test('writes the answer alone to stdout, and who gave it to stderr', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ ask: answer })

    const { code, out, err } = await runLine(folders, ['ask', 'What is it?'], { openSignalbox: signalbox.open })

    expect({ code, out }).toEqual({ code: 0, out: 'Forty-two\n' })
    expect(err).toBe('warning: It was cut\n[local/m, pool quick, $0.0000, thread th_1, decision de_1]\n')
    expect(signalbox.asked[0]).toMatchObject({
      input: { prompt: 'What is it?' },
      context: { caller: { principal: 'local', roles: ['owner'], door: 'cli', capabilities: {} } },
    })
  })

  test('takes the prompt from a pipe, files by content, and each option', async () => {
    using folders = createConfigFolders()
    folders.write('project/notes.txt', 'Some notes')
    folders.write('project/shot.png', 'not decoded here')
    const signalbox = scriptedSignalbox({ ask: answer })
    const line =
      'ask --thread work --pool quick --model a/b --system Short --file notes.txt --image shot.png --max-output-tokens 9 --max-cost 0.5 --use-tools'

    await runLine(folders, line.split(' '), { openSignalbox: signalbox.open, piped: 'From a pipe\n' })

    expect(signalbox.asked[0]?.input).toEqual({
      prompt: 'From a pipe',
      thread: 'work',
      pool: 'quick',
      model: 'a/b',
      system: 'Short',
      files: [{ name: 'notes.txt', mimeType: 'text/plain', data: Buffer.from('Some notes').toString('base64') }],
      images: [`data:application/octet-stream;base64,${Buffer.from('not decoded here').toString('base64')}`],
      max_output_tokens: 9,
      max_cost_usd: 0.5,
      use_tools: true,
    })
  })

  test('tells the policy of the step what --meta says, as plan does', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ ask: answer, plan_step: () => answered({}) })

    for (const command of ['ask', 'plan'])
      await runLine(folders, [command, 'x', '--meta', 'team=search', '--meta', 'note=a=b'], { openSignalbox: signalbox.open })

    const told = { context: { caller: { metadata: { team: 'search', note: 'a=b' } } } }
    expect(signalbox.asked).toMatchObject([told, told])
  })

  test.each([
    [['ask', '--meta', 'team', 'x'], '--meta must be key=value, received "team"'],
    [['plan', '--meta', `team=${'x'.repeat(1025)}`, 'x'], '--meta must have at most 1024 bytes'],
    [['ask'], 'the prompt is missing: stdin was empty'],
    [['ask', '--file', 'absent', 'x'], 'Cannot read absent: there is no such file, or it may not be read'],
    [['ask', '--file', '.', 'x'], 'Cannot read .: it must be a regular file'],
  ])('refuses %j before anything is opened', async (line, said) => {
    using folders = createConfigFolders()

    const { code, err } = await runLine(folders, line)

    expect({ code, err }).toEqual({ code: 2, err: `${said}\n` })
  })

  test('shows nothing that a terminal obeys, and leaves a pipe the bytes', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ ask: () => answered({ status: 'done', text: 'a\u001b]0;title\u0007\tb\nc' }) })

    const piped = await runLine(folders, ['ask', 'x'], { openSignalbox: signalbox.open })
    const shown = await runLine(folders, ['ask', 'x'], { openSignalbox: signalbox.open, typed: [] })

    expect(piped.out).toBe('a\u001b]0;title\u0007\tb\nc\n')
    expect(shown.out).toBe('a\\u{1b}]0;title\\u{7}\tb\nc\n')
  })

  test('asks the person at the terminal what the operation asks, and resumes with the answer', async () => {
    using folders = createConfigFolders()
    const resumed: unknown[] = []
    const signalbox = scriptedSignalbox(
      {
        ask: () => ({
          kind: 'input-required',
          handle: 'ha_1',
          requests: {
            sure: {
              method: 'elicitation/create',
              params: {
                message: 'Delete \u001b[2Jnotes.txt?',
                requestedSchema: {
                  type: 'object',
                  properties: { confirm: { type: 'boolean', title: 'Run it' }, why: { type: 'string' } },
                  required: ['confirm'],
                },
              },
            },
            roots: { method: 'roots/list', params: {} },
          },
        }),
      },
      {
        async resume(handle, responses) {
          resumed.push([handle, responses])
          return answered({ status: 'done', text: 'Deleted' })
        },
      },
    )

    const { out, err } = await runLine(folders, ['ask', 'x'], { openSignalbox: signalbox.open, typed: ['y', 'because'] })

    expect(out).toBe('Deleted\n')
    expect(err).toContain('Delete \\u{1b}[2Jnotes.txt?')
    expect(signalbox.asked[0]?.context.caller.capabilities).toEqual({ elicitation: { form: {} } })
    expect(resumed).toEqual([
      ['ha_1', { sure: { action: 'accept', content: { confirm: true, why: 'because' } }, roots: { action: 'decline' } }],
    ])
  })
})

describe('keys', () => {
  test('says where keys are looked for and whether they are there, and never a key', async () => {
    using folders = createConfigFolders()
    const path = folders.write(
      'a.yaml',
      'providers: { lab: { kind: openai, base_url: "https://lab.example/v1", api_key: written-in-the-file }, mine: { kind: openai, base_url: "http://127.0.0.1:1/v1" } }\npools: { quick: { models: [openai/m, lab/m] } }',
    )

    const { code, out } = await runLine(folders, ['keys', '--config', path, '--json'], { env: { OPENAI_API_KEY: 'from-the-environment' } })

    expect(code).toBe(0)
    expect(JSON.parse(out).keys).toEqual([
      { provider: 'openai', looked_in: 'OPENAI_API_KEY', present: true, pools: ['quick'] },
      { provider: 'anthropic', looked_in: 'ANTHROPIC_API_KEY', present: false, pools: [] },
      { provider: 'lab', looked_in: `api_key in ${path}`, present: true, pools: ['quick'] },
      { provider: 'mine', looked_in: 'nowhere: this machine needs none', present: false, pools: [] },
    ])
    expect(out).not.toMatch(/written-in|from-the/)
  })
})

describe('trust', () => {
  const yaml =
    'tools: { files: { command: npx, args: [-y, server] }, docs: { url: "https://example.com/mcp", headers: { a: "${DOCS_TOKEN}" } } }'

  test('shows what the file starts, opens and reads, asks, and lets it run', async () => {
    using folders = createConfigFolders()
    const path = folders.write('project/signalbox.yaml', yaml)
    const env = { DOCS_TOKEN: 'docs-token' }

    const { code, err } = await runLine(folders, ['trust'], { typed: ['y'], env })

    expect(code).toBe(0)
    expect(err).toContain('starts files: npx -y server')
    expect(err).toContain('connects docs: https://example.com/mcp')
    expect(err).toContain('reads the variables DOCS_TOKEN')
    const check = await runLine(folders, ['config', 'check', '--json'], { env })
    expect(JSON.parse(check.out)).toEqual({ valid: true, path, from: 'folder' })
  })

  test.each([
    ['the answer is no', { typed: ['n'] }, 1],
    ['nobody is there to ask', {}, 2],
  ])('trusts nothing when %s', async (_, options, expected) => {
    using folders = createConfigFolders()
    folders.write('project/signalbox.yaml', 'budget: { usd_per_day: 1 }')

    expect((await runLine(folders, ['trust'], options)).code).toBe(expected)

    expect(JSON.parse((await runLine(folders, ['config', 'check', '--json'])).out)).toMatchObject({ from: 'embedded' })
  })

  test('config check says what is wrong with the policy as well', async () => {
    using folders = createConfigFolders()
    folders.write('own/policy.yaml', 'name: own\ndefault: { prefer: { pool: absent } }\n')
    const file = folders.write('own/signalbox.yaml', 'policy: ./policy.yaml\n')

    const { code, err } = await runLine(folders, ['config', 'check', file])

    expect(code).toBe(2)
    expect(err).toContain('pool "absent" is not configured')
  })

  test.each([
    [[], 'There is no signalbox.yaml at', 2],
    [['elsewhere'], 'There is no signalbox.yaml at', 2],
  ])('trust %j says that there is nothing to trust', async (args, said, expected) => {
    using folders = createConfigFolders()

    const { code, err } = await runLine(folders, ['trust', '--yes', ...args])

    expect(code).toBe(expected)
    expect(err).toContain(said)
  })

  test('does not trust what cannot run', async () => {
    using folders = createConfigFolders()
    folders.write('project/signalbox.yaml', 'pols: {}')

    const { code, err } = await runLine(folders, ['trust', '--yes'])

    expect(code).toBe(2)
    expect(err).toContain('did you mean "pools"?')
  })
})

describe('threads and memory', () => {
  test('threads export writes a large export page by page', async () => {
    using folders = createConfigFolders()
    const pages = ['{"n":1}\n{"n"', ':2}']
    const signalbox = scriptedSignalbox({
      threads: () => answered({ handle: 're_1' }),
      get_answer: ({ offset }) =>
        answered(offset === 0 ? { status: 'done', text: pages[0], next_offset: 12 } : { status: 'done', text: pages[1] }),
    })

    const { code, out } = await runLine(folders, ['threads', 'export', 'work'], { openSignalbox: signalbox.open })

    expect(code).toBe(0)
    expect(out).toBe('{"n":1}\n{"n":2}\n')
  })

  test('threads list names the next page on stderr', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ threads: () => answered({ threads: [], next_cursor: 'abc' }, 'one') })

    const { out, err } = await runLine(folders, ['threads', 'list', '--cursor', 'x'], { openSignalbox: signalbox.open })

    expect({ out, err }).toEqual({ out: 'one\n', err: 'More: --cursor abc\n' })
    expect(signalbox.asked[0]?.input).toEqual({ op: 'list', cursor: 'x' })
  })

  test.each([
    ['nobody confirmed', ['forget', 'me_1'], {}, 2],
    ['the answer is no', ['forget', 'me_1'], { typed: ['n'] }, 2],
    ['two things are named', ['forget', 'me_1', '--all', '--yes'], {}, 2],
    ['nothing is named', ['forget', '--yes'], {}, 2],
  ])('forget removes nothing when %s', async (_, line, options, expected) => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({ forget: () => answered({ memories: 1 }) })

    const { code } = await runLine(folders, line, { ...options, openSignalbox: signalbox.open })

    expect(code).toBe(expected)
    expect(signalbox.asked).toEqual([])
  })

  test('forget, remember, recall and fork send what was said', async () => {
    using folders = createConfigFolders()
    const done = () => answered({ ids: [] }, 'done')
    const signalbox = scriptedSignalbox({ forget: done, remember: done, recall: done, fork_thread: done })
    const lines = [
      'forget --all --yes',
      'threads forget work --yes',
      'remember note --thread work',
      'remember note',
      'recall words --limit 3',
      'threads fork work --up-to 4 --name copy',
    ]

    for (const line of lines) expect((await runLine(folders, line.split(' '), { openSignalbox: signalbox.open })).code).toBe(0)

    expect(signalbox.asked.map(({ operation, input }) => [operation, input])).toEqual([
      ['forget', { all: true }],
      ['forget', { thread: 'work' }],
      ['remember', { text: 'note', scope: 'thread', thread: 'work' }],
      ['remember', { text: 'note', scope: 'caller' }],
      ['recall', { query: 'words', limit: 3 }],
      ['fork_thread', { thread: 'work', up_to: 4, name: 'copy' }],
    ])
  })
})

describe('cache', () => {
  async function kept() {
    const store = await openSqliteStore({ path: ':memory:' })
    const answers = createAnswers(store)
    for (const [caller, text] of [
      ['local', 'Forty-two'],
      ['bob', 'A secret'],
    ] as const) {
      const answer = { decision: 'de_1', at: store.now(), pool: 'quick', model: 'a/m', text, threads: [], recalled: [] }
      await answers.keep(caller, 'key', answer, { ttlMs: 60_000, entries: 10, domainEntries: undefined })
    }
    await answers.used('local', 'key')
    const keptAnswers: Signalbox['keptAnswers'] = {
      callers: () => answers.callers(),
      list: (caller) => answers.list(caller),
      clear: async (callers) => (await Promise.all(callers.map((caller) => answers.remove(caller, () => true)))).reduce((a, b) => a + b, 0),
    }
    const scripted = scriptedSignalbox({})
    const openSignalbox: typeof scripted.open = async (...given) => ({ ...(await scripted.open(...given)), keptAnswers })
    return { openSignalbox }
  }

  test('stats counts each caller, list shows what one was answered, and clear deletes it when told', async () => {
    using folders = createConfigFolders()
    const box = await kept()
    const json = async (line: string) => JSON.parse((await runLine(folders, [...line.split(' '), '--json'], box)).out) as unknown

    expect(await json('cache stats')).toMatchObject({
      callers: [
        { caller: 'bob', kept: 1 },
        { caller: 'local', kept: 1, given: 1 },
      ],
    })
    expect(await json('cache list')).toMatchObject({ answers: [{ answer: 'Forty-two', model: 'a/m', given: 1 }] })
    expect((await runLine(folders, ['cache', 'list'], box)).out).toMatch(/Forty-two/)
    expect(await runLine(folders, ['cache', 'clear'], box)).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') })
    expect(await json('cache clear --caller bob --yes')).toEqual({ removed: 1 })
    expect((await runLine(folders, ['cache', 'stats'], box)).out).not.toContain('bob')
    expect((await runLine(folders, ['cache', 'clear', '--yes'], box)).out).toBe('Deleted 1 kept answer.\n')
    expect((await runLine(folders, ['cache', 'stats'], box)).out).toBe('No answer is kept.\n')
  })
})

describe('tools', () => {
  const tool = (name: string, more: Partial<HostedTool> = {}): HostedTool => ({
    name,
    server: 'files',
    tool: name,
    description: `The ${name} tool\nwith details`,
    inputSchema: {},
    definition: {},
    readOnly: false,
    hash: '',
    ...more,
  })
  const pin: PinChange = {
    name: 'files_read',
    server: 'files',
    tool: 'read',
    kind: 'changed',
    reason: 'its definition changed',
    pinned: { name: 'read', description: 'Reads' },
    offered: { name: 'read', description: 'Reads \u001b[1m and sends' },
    hash: 'abc',
    since: 0,
  }
  const hosting = (more: Partial<ToolHost> = {}): Partial<ToolHost> => ({
    servers: () => [{ name: 'files', transport: 'stdio', phase: 'ready', tools: 2, fromSnapshot: false, restarts: 0 }],
    catalogue: () => ({
      tools: [tool('files_read', { readOnly: true }), tool('files_write')],
      prompts: [],
      resources: [],
      templates: [],
      hash: '',
    }),
    pins: () => [pin],
    ...more,
  })

  test('list and find show name, effect and the first line', async () => {
    using folders = createConfigFolders()
    const found = {
      tools: [{ name: 'files_read', score: 0.5, call_with: 'call_tool', description: 'The tool' }],
      none_fits: true,
      searched: 'lexical',
    }
    const signalbox = scriptedSignalbox({ find_tools: () => answered(found) }, { host: hosting() })

    const list = await runLine(folders, ['tools', 'list'], { openSignalbox: signalbox.open })
    const find = await runLine(folders, ['tools', 'find', 'read a file', '--limit', '2'], { openSignalbox: signalbox.open })

    expect(list.out).toBe('files_read   reads   The files_read tool\nfiles_write  writes  The files_write tool\n')
    expect(find.err).toMatch(/^Searched by words only/)
    expect(find.out).toBe('No hosted tool seems to fit; the nearest:\nfiles_read  0.500  reads  The tool\n')
    expect((await runLine(folders, ['tools', 'list', '--server', 'absent'], { openSignalbox: signalbox.open })).code).toBe(2)
  })

  test('find says what the operation says when nothing is found', async () => {
    using folders = createConfigFolders()
    const none = answered({ tools: [], none_fits: true, searched: 'lexical' }, 'No tool is hosted')
    const signalbox = scriptedSignalbox({ find_tools: () => none }, { host: hosting() })

    const { out, err } = await runLine(folders, ['tools', 'find', 'read a file'], { openSignalbox: signalbox.open })

    expect(out).toBe('No tool is hosted\n')
    expect(err).toBe('')
  })

  test('call sends a JSON object, and refuses other arguments', async () => {
    using folders = createConfigFolders()
    const signalbox = scriptedSignalbox({
      call_tool_write: () => ({
        kind: 'done',
        content: [
          { type: 'text', text: 'read' },
          { type: 'image', mimeType: 'image/png', data: '' },
        ],
      }),
    })

    const { out } = await runLine(folders, ['tools', 'call', 'files_read', '{"path":"a"}'], { openSignalbox: signalbox.open })
    const refused = await runLine(folders, ['tools', 'call', 'files_read', '[1]'], { openSignalbox: signalbox.open })

    expect(out).toBe('read\n[image image/png: see --json]\n')
    expect(signalbox.asked.map(({ input }) => input)).toEqual([{ name: 'files_read', arguments: { path: 'a' } }])
    expect(refused.code).toBe(2)
  })

  test('diff shows what changed, and pin approves what was shown', async () => {
    using folders = createConfigFolders()
    const accepted: unknown[] = []
    const signalbox = scriptedSignalbox({}, { host: hosting({ acceptPin: async (...args) => void accepted.push(args) }) })

    const diff = await runLine(folders, ['tools', 'diff'], { openSignalbox: signalbox.open })
    const unread = await runLine(folders, ['tools', 'pin', 'files_read'], { openSignalbox: signalbox.open })
    const refused = await runLine(folders, ['tools', 'pin', 'files_read'], { openSignalbox: signalbox.open, typed: ['n'] })
    expect(accepted).toEqual([])
    const pinned = await runLine(folders, ['tools', 'pin', 'files_read'], { openSignalbox: signalbox.open, typed: ['y'] })
    const absent = await runLine(folders, ['tools', 'pin', 'other', '--yes'], { openSignalbox: signalbox.open })

    expect(diff.out).toContain('-   "description": "Reads"')
    expect(diff.out).toContain('+   "description": "Reads \\u001b[1m and sends"')
    expect([unread.code, refused.code, pinned.code, absent.code]).toEqual([2, 1, 0, 1])
    expect(accepted).toEqual([['files_read', 'abc']])
  })
})

describe('doctor', () => {
  const fine = () =>
    scriptedSignalbox({
      recall: () => answered({ items: [] }),
      status: () => answered({ memory: { location: 'signalbox.db', bytes: 1 }, embedder: { id: 'minilm', runtime: 'onnxruntime-node' } }),
    })
  const findings = (out: string) => JSON.parse(out).findings as { check: string; state: string; message: string; mend?: string }[]

  test('says what is well, on a machine without configuration', async () => {
    using folders = createConfigFolders()
    const path = folders.write('a.yaml', 'http: { port: 0 }')

    const { code, out } = await runLine(folders, ['doctor', '--json', '--config', path], { openSignalbox: fine().open })

    expect(code).toBe(0)
    expect(findings(out).map(({ check, state }) => [check, state])).toEqual([
      ['node', 'ok'],
      ['images', 'ok'],
      ['data folder', 'ok'],
      ['configuration', 'ok'],
      ['pools', 'warn'],
      ['http port', 'ok'],
      ['http access', 'ok'],
      ['memory', 'ok'],
      ['embedder', 'ok'],
    ])
  })

  test('says what fails, each with a mend, and ends with 1', async () => {
    using folders = createConfigFolders()
    folders.write('project/signalbox.yaml', 'pools: {}')
    const path = folders.write(
      'home/.config/signalbox/signalbox.yaml',
      'http: { port: 0 }\nproviders: { lab: { kind: openai, base_url: "http://127.0.0.1:9/v1", api_key: "lab-key-1234" } }\npools: { a: { models: [openai/m] }, b: { models: [lab/m] } }',
    )
    chmodSync(path, 0o644)
    const signalbox = scriptedSignalbox(
      {
        recall: () => answered({ items: [] }),
        status: () => answered({ memory: { location: 'x', bytes: 1 }, embedder: { id: 'minilm', runtime: 'none', error: 'no runtime' } }),
      },
      {
        host: {
          servers: () => [
            { name: 'files', transport: 'stdio', phase: 'failed', tools: 0, fromSnapshot: false, restarts: 3, error: 'npx was not found' },
          ],
          pins: () => [{} as PinChange],
        },
      },
    )

    const { code, out, err } = await runLine(folders, ['doctor', '--json'], { openSignalbox: signalbox.open })

    expect(code).toBe(1)
    expect(err).toMatch(/^2 of \d+ checks failed\n$/)
    const bad = findings(out).filter(({ state }) => state !== 'ok')
    expect(bad.map(({ check, state }) => [check, state])).toEqual([
      ['configuration', 'warn'],
      ...(process.platform === 'win32' ? [] : [['configuration', 'warn']]),
      ['pool a', 'fail'],
      ['provider lab', 'warn'],
      ['server files', 'fail'],
      ['pins', 'warn'],
      ['embedder', 'warn'],
    ])
    for (const { mend } of bad) expect(mend).not.toBe(undefined)
    expect(out).toContain('OPENAI_API_KEY')
    expect(out).not.toContain('lab-key')
  })

  test('tells each issue of a configuration that cannot run', async () => {
    using folders = createConfigFolders()
    const path = folders.write('a.yaml', 'pols: {}\nhttp: { port: x }')

    const { code, out } = await runLine(folders, ['doctor', '--json', '--config', path], { openSignalbox: fine().open })

    expect(code).toBe(1)
    expect(findings(out).filter(({ state }) => state === 'fail')).toHaveLength(2)
  })

  test('goes on when Signalbox cannot be opened', async () => {
    using folders = createConfigFolders()

    const { code, out } = await runLine(folders, ['doctor'], { openSignalbox: () => Promise.reject(new Error('the database is damaged')) })

    expect(code).toBe(1)
    expect(out).toMatch(/fail +signalbox +it cannot be opened: the database is damaged/)
  })

  test('says when the data folder cannot be one', async () => {
    using folders = createConfigFolders()
    folders.write('data', 'a file')

    const { code, out } = await runLine(folders, ['doctor', '--json'], { openSignalbox: fine().open })

    expect(code).toBe(1)
    expect(out).toContain(`${join(folders.root, 'data')} is no folder`)
  })
})

describe('eval guard', () => {
  const row = (verdict: string) => JSON.stringify({ screenshot: 'shot.png', action: { type: 'wait' }, verdict, claim: 'OK' })

  test('judges each action in a data folder of its own, and says what was wrong', async () => {
    using folders = createConfigFolders()
    folders.write('project/shots/actions.jsonl', [row('allow'), row('stop')].join('\n'))
    folders.write('project/shots/shot.png', 'not decoded here')
    const signalbox = scriptedSignalbox({ check_action: () => answered({ verdict: 'deny', reasons: ['never'] }) })

    const { code, out } = await runLine(folders, ['eval', 'guard', '--data', 'shots/actions.jsonl', '--wrong'], {
      openSignalbox: signalbox.open,
    })

    expect(code).toBe(0)
    expect(out).toContain('2 actions: 1 to be stopped, 1 to be allowed.')
    expect(out).toContain('row 1: deny instead of allow: never')
    expect(signalbox.asked[0]?.input).toMatchObject({ claim: 'OK', screenshot: expect.stringContaining('data:') })
    expect(signalbox.configs[0]?.dataFolder).toContain('signalbox-eval-')
    expect(signalbox.closed()).toBe(1)
  })

  test.each([
    [['eval', 'guard', '--data', 'shots/none.jsonl'], 2, '--data must be a file that can be read'],
    [['eval', 'guard', '--data', 'shots/actions.jsonl'], 2, 'Cannot read'],
    [['eval', 'grounding', '--data', 'shots/actions.jsonl'], 1, 'line 1: answer'],
    [['eval', 'cache', '--data', 'shots/actions.jsonl', '--target-error', '2'], 2, '--target-error must be a number between 0 and 1'],
    [['eval', 'recall', '--data', 'shots/actions.jsonl', '--turns', 'shots/actions.jsonl'], 1, 'line 1: id'],
  ])('%j ends with %i', async (line, exit, message) => {
    using folders = createConfigFolders()
    folders.write('project/shots/actions.jsonl', row('allow'))

    const { code, err } = await runLine(folders, line, { openSignalbox: scriptedSignalbox({ check_action: () => answered({}) }).open })

    expect(code).toBe(exit)
    expect(err).toContain(message)
  })
})
