import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examples, newUser, run, serveHttp } from '../support/examples/run.ts'

const program = (name: string) => join(examples, name)

test('01-find-and-call finds the tool that reads a file, and prints what it read', { timeout: 60_000 }, async () => {
  using user = newUser()

  const { code, out, err } = await run([program('01-find-and-call.ts')], user)

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^files_read_\w+ \(call_tool\)\n/)
  expect(out).toContain('# One MCP server behind Signalbox')
})

test('02-ask-and-remember answers in a second process from what the first was told', { timeout: 60_000 }, async () => {
  using user = newUser()

  const { code, out, err } = await run([program('02-ask-and-remember.ts')], user)

  expect({ code, err }).toEqual({ code: 0, err: '' })
  const [first = '', second = ''] = out.split('Second process')
  expect(first).toContain('> The ferry leaves at 07:40 from quay four. [ferry.txt]')
  expect(second).toContain('> Dogs stay on deck.')
  expect(second).toContain('We travel with two bicycles.')
  expect(/th_[0-9a-f]{32}/.exec(second)?.[0]).toBe(/th_[0-9a-f]{32}/.exec(first)?.[0])
})

test('05-http-client recalls for one key what another never sees, and plans without MCP', { timeout: 60_000 }, async () => {
  using user = newUser()
  const server = await serveHttp(user)
  try {
    const { code, out, err } = await run([program('05-http-client.ts'), server.url], user)

    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Ada recalls: .*periwinkle/m)
    expect(out).toMatch(/^Bob recalls: +Nothing remembered fits\.$/m)
    expect(out).toMatch(/^Plan: pool extractive, rule default/m)
  } finally {
    await server.end()
  }
})

test('06-approvals writes after each yes, by form and by command line, and not before', { timeout: 60_000 }, async () => {
  using user = newUser()

  const { code, out, err } = await run([program('06-approvals.ts')], user)

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('asked: Run files_write_file of the server "files" (it may destroy data)')
  expect(out).toContain('answered: needs_approval; the file: written after a yes in the form\n')
  expect(out).toContain('after the yes: written after a yes in the terminal\n')
})
