import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Caller } from '../../src/caller.ts'
import { createGivenFiles } from '../../src/operations/given-files.ts'

const local: Caller = { principal: 'local', roles: ['owner'], door: 'stdio', capabilities: {} }
const other: Caller = { principal: 'key:1', roles: ['owner'], door: 'http', capabilities: {} }
let folder = ''
let root = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-given-'))
  root = join(folder, 'open')
  await mkdir(join(root, 'inner'), { recursive: true })
  await mkdir(join(folder, 'open-not'))
  await writeFile(join(root, 'a.txt'), 'inside')
  await writeFile(join(root, 'large.txt'), 'x'.repeat(2000))
  await writeFile(join(folder, 'secret.txt'), 'outside')
  await writeFile(join(folder, 'open-not', 'b.txt'), 'outside')
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'))
  await symlink(join(root, 'a.txt'), join(root, 'inner', 'back.txt'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function files(roots: readonly string[] = [root]) {
  return createGivenFiles({ roots: () => roots, frames: { keep: async () => 'fr_x', get: async () => undefined }, maxBytes: 1000 })
}

test('read() gives a regular file below a root, also through a link that stays below it', async () => {
  const given = await files().read(join(root, 'a.txt'), local)

  expect(Buffer.from(given.bytes).toString()).toBe('inside')
  expect(Buffer.from((await files().read(join(root, 'inner', 'back.txt'), local)).bytes).toString()).toBe('inside')
})

test.each<[string, () => string, Caller, RegExp]>([
  ['a file outside', () => join(folder, 'secret.txt'), local, /must be a regular file below one of/],
  ['a link that leads outside', () => join(root, 'link.txt'), local, /must be a regular file below/],
  ['a path that climbs out', () => join(root, '..', 'secret.txt'), local, /must be a regular file below/],
  ['a sibling whose name begins alike', () => join(folder, 'open-not', 'b.txt'), local, /must be a regular file below/],
  ['a folder', () => join(root, 'inner'), local, /must be a regular file below/],
  ['a file that is not there', () => join(root, 'none'), local, /must be a regular file below/],
  ['a file that is too large', () => join(root, 'large.txt'), local, /at most 1000 bytes, received 2000/],
  ['a device', () => '/dev/zero', local, /must be a regular file below/],
  ['a network path', () => '\\\\host\\share\\a.png', local, /network and device paths/],
  ['a path of another principal', () => join(root, 'a.txt'), other, /open to the local caller only/],
  ['a URL', () => 'https://example.com/a.png', local, /Signalbox fetches no URL/],
  ['a file: URL', () => 'file:///etc/passwd', local, /Signalbox fetches no URL/],
  ['an unknown frame', () => 'signalbox://frame/fr_0', local, /there is no such frame/],
  ['a data: URL without base64', () => 'data:image/png,abc', local, /base64/],
  ['a data: URL with other characters', () => 'data:image/png;base64,$$$', local, /must be base64/],
  ['a data: URL that is too large', () => `data:image/png;base64,${'A'.repeat(4000)}`, local, /at most 1000 bytes/],
])('read() refuses %s and says the rule', async (_what, source, caller, message) => {
  await expect(files().read(source(), caller)).rejects.toThrow(message)
})

test('read() opens no path unless a root is configured', async () => {
  await expect(files([]).read(join(root, 'a.txt'), local)).rejects.toThrow(/name one under images.roots/)
})
