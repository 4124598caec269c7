import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { instanceToken } from '../../src/config/instance-token.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createPrivateFolder, writePrivateFile } from '../../src/config/private-file.ts'
import { secretsOf } from '../../src/config/secrets.ts'
import { trustConfig, trustRecordFile } from '../../src/config/trust.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

describe.skipIf(process.platform === 'win32')('modes', () => {
  test('createPrivateFolder() takes the rights of others from a folder that exists', async () => {
    using folders = createConfigFolders()
    mkdirSync(folders.data)
    chmodSync(folders.data, 0o755)

    await createPrivateFolder(folders.data)

    expect(modeOf(folders.data)).toBe(0o700)
  })

  test('instanceToken() and trustConfig() write files for the user alone', async () => {
    using folders = createConfigFolders()
    await instanceToken(folders.data)
    await trustConfig(folders.write('project/signalbox.yaml', ''), folders.data)

    expect(modeOf(folders.data)).toBe(0o700)
    expect(modeOf(join(folders.data, 'http-token'))).toBe(0o600)
    expect(modeOf(trustRecordFile(folders.data))).toBe(0o600)
  })

  test('instanceToken() closes a token file that others can read', async () => {
    using folders = createConfigFolders()
    const token = await instanceToken(folders.data)
    chmodSync(join(folders.data, 'http-token'), 0o644)

    expect(await instanceToken(folders.data)).toBe(token)
    expect(modeOf(join(folders.data, 'http-token'))).toBe(0o600)
  })
})

test('instanceToken() gives all that start together one token of 256 bits', async () => {
  using folders = createConfigFolders()

  const tokens = await Promise.all(Array.from({ length: 8 }, () => instanceToken(folders.data)))

  expect(new Set(tokens).size).toBe(1)
  expect(Buffer.from(tokens[0] ?? '', 'base64url')).toHaveLength(32)
})

test('instanceToken() refuses a file that holds something else and leaves it alone', async () => {
  using folders = createConfigFolders()
  const path = folders.write('data/http-token', 'password')

  await expect(instanceToken(folders.data)).rejects.toThrow(/must hold 43 characters of base64url/)
  await expect(instanceToken(folders.data)).rejects.not.toThrow(/password/)
  expect(statSync(path).size).toBe(8)
})

test('writePrivateFile() leaves nothing beside the file, also when it cannot replace it', async () => {
  using folders = createConfigFolders()
  mkdirSync(join(folders.project, 'taken'))
  writeFileSync(join(folders.project, 'taken', 'inside'), '')

  await writePrivateFile(join(folders.project, 'file'), 'content')
  await expect(writePrivateFile(join(folders.project, 'taken'), 'content')).rejects.toThrow()

  expect(readdirSync(folders.project).toSorted()).toEqual(['file', 'taken'])
})

test('trustOf() trusts nothing by a record that cannot be read', async () => {
  using folders = createConfigFolders()
  await trustConfig(folders.write('project/signalbox.yaml', ''), folders.data)
  writeFileSync(trustRecordFile(folders.data), '{"trusted": "all"}')

  expect((await loadConfig(folders.surroundings)).origin.kind).toBe('embedded')
})

test('secretsOf() names keys, tokens, headers with and without their scheme, and what servers get, but no short words', async () => {
  using folders = createConfigFolders()
  const path = folders.write(
    'a.yaml',
    `
http: { token: http-token-0123456789 }
providers: { openai: { api_key: provider-key } }
embedder: { base_url: http://127.0.0.1:1/v1, model: m, api_key: embedder-key }
computer: { pictures: { base_url: "http://127.0.0.1:1/v1", model: m, api_key: pictures-key, risky: [a.png] } }
tools:
  docs: { url: https://example.com/mcp, headers: { authorization: Bearer docs-token } }
  files: { command: x, env: { SECRET: files-secret, DEBUG: "true" } }
`,
  )

  const secrets = secretsOf(await loadConfig({ ...folders.surroundings, path }))

  expect(secrets.toSorted()).toEqual(
    ['Bearer docs-token', 'docs-token', 'embedder-key', 'files-secret', 'http-token-0123456789', 'pictures-key', 'provider-key'].toSorted(),
  )
})
