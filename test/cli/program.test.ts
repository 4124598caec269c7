import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAddress, serveOverHttp } from '../../src/cli/commands/serve.ts'
import { InputError } from '../../src/operations/errors.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { version } from '../../src/version.ts'
import { answered, recordedTerminal, runLine, scriptedSignalbox } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { fakeSignalbox } from '../support/fake-signalbox.ts'

test('version is that of the package', () => {
  expect(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).toMatchObject({ version })
})

test.each([
  ['--help', 0],
  ['ask --help', 0],
  ['--version', 0],
  ['frobnicate', 2],
  ['serve --frobnicate', 2],
  ['approvals accept', 2],
  ['--log-level loud status', 2],
  ['ask --max-output-tokens many hello', 2],
  ['serve --stdio --http 1', 2],
  ['serve --http 127.0.0.1:99999', 2],
  ['serve --stdio --profile absent', 2],
  ['--config absent.yaml keys', 2],
  ['threads frobnicate', 2],
])('runProgram() ends "%s" with %i', async (line, expected) => {
  using folders = createConfigFolders()

  const { code, out, err } = await runLine(folders, line.split(' '))

  expect(code).toBe(expected)
  expect(expected === 0 ? out : err).not.toBe('')
  expect(expected === 0 ? err : out).toBe('')
})

test('runProgram() names the nearest command', async () => {
  using folders = createConfigFolders()

  expect((await runLine(folders, ['docter'])).err).toMatch(/did you mean "doctor"\?/)
})

test('runProgram() shows help on a terminal when nothing else was said', async () => {
  using folders = createConfigFolders()

  const { code, out } = await runLine(folders, [], { typed: [] })

  expect(code).toBe(0)
  expect(out).toMatch(/^Usage: signalbox/)
})

test('runProgram() gives 0 for what is done, and closes what it opened', async () => {
  using folders = createConfigFolders()
  const signalbox = scriptedSignalbox({ status: () => answered({ version: '0' }, 'All is well') })

  const { code, out, err } = await runLine(folders, ['status'], { openSignalbox: signalbox.open })

  expect({ code, out, err }).toEqual({ code: 0, out: 'All is well\n', err: '' })
  expect(signalbox.closed()).toBe(1)
})

test.each([
  [
    'an error result',
    () => ({ kind: 'done' as const, content: [{ type: 'text', text: 'It cannot be' }], isError: true }),
    1,
    'It cannot be\n',
  ],
  ['a status other than done', () => answered({ status: 'needs_approval' }, 'needs_approval: do it'), 1, 'needs_approval: do it\n'],
  ['a wrong input', () => Promise.reject(new InputError('Cannot use that')), 2, 'signalbox: Cannot use that\n'],
  ['an error that nobody foresaw', () => Promise.reject(new Error('odd')), 1, 'signalbox: odd\n'],
])('runProgram() ends with a code and a word on stderr for %s', async (_, answer, expected, said) => {
  using folders = createConfigFolders()
  const signalbox = scriptedSignalbox({ status: answer })

  const { code, out, err } = await runLine(folders, ['status'], { openSignalbox: signalbox.open })

  expect({ code, out, err }).toEqual({ code: expected, out: '', err: said })
  expect(signalbox.closed()).toBe(1)
})

test('runProgram() writes one JSON document with --json, also when it fails', async () => {
  using folders = createConfigFolders()
  const lines: [string[], Parameters<typeof scriptedSignalbox>[0], unknown][] = [
    [['status', '--json'], { status: () => answered({ version: '0' }) }, { version: '0' }],
    [['--json', 'status'], { status: () => answered({ status: 'lost' }) }, { status: 'lost' }],
    [['--json', 'status'], { status: () => Promise.reject(new InputError('no')) }, { error: { code: 'invalid_input', message: 'no' } }],
  ]
  for (const [line, answers, expected] of lines) {
    const { out } = await runLine(folders, line, { openSignalbox: scriptedSignalbox(answers).open })
    expect(JSON.parse(out)).toEqual(expected)
  }
})

test('runProgram() says that a file of the folder is ignored, on stderr', async () => {
  using folders = createConfigFolders()
  const path = folders.write('project/signalbox.yaml', 'pools: {}')

  const { out, err } = await runLine(folders, ['keys', '--json'])

  expect(err).toContain(`Ignored ${path}: nobody has trusted it`)
  expect(JSON.parse(out)).toHaveProperty('keys')
})

test('runProgram() aborts the operation with the reason of the interruption, and closes', async () => {
  using folders = createConfigFolders()
  const controller = new AbortController()
  const signalbox = scriptedSignalbox({
    ask: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        controller.abort(new Error('Interrupted'))
      }),
  })

  const { code, err } = await runLine(folders, ['ask', 'hello'], { openSignalbox: signalbox.open, signal: controller.signal })

  expect(code).toBe(1)
  expect(err).toContain('Interrupted')
  expect(signalbox.closed()).toBe(1)
})

test.each([
  ['8737', undefined, 8737],
  [':8737', undefined, 8737],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['box.example.com:443', 'box.example.com', 443],
  ['[::1]:8737', '::1', 8737],
])('parseAddress() reads %s', (address, host, port) => {
  expect(parseAddress(address)).toEqual({ host, port })
})

test.each(['', 'localhost', '::1:8737', '1:65536', 'a:b', '[::1]', '80 '])('parseAddress() refuses "%s"', (address) => {
  expect(() => parseAddress(address)).toThrow(/must be \[HOST:\]PORT/)
})

test('serveOverHttp() listens no more when what was to be shown could not be shown', async () => {
  using folders = createConfigFolders()
  const box: Signalbox = Object.create(fakeSignalbox(), { console: { value: { policies: {} } } })
  const terminal = recordedTerminal(folders, { openSignalbox: async () => box })
  let listening = ''

  const served = serveOverHttp('127.0.0.1:0', {}, terminal, async (url) => {
    listening = url
    throw new Error('The browser cannot be told')
  })

  await expect(served).rejects.toThrow('The browser cannot be told')
  await expect(fetch(`${listening}/healthz`)).rejects.toThrow()
})
