import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { bundleManifest, stageBundle } from '../../scripts/mcpb.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>

test('the bundle serves a client from a clean folder, by the command of its manifest and without any setting', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bundle-'))
  const client = new Client({ name: 'bundle', version: '1' })
  try {
    const bundle = join(folder, 'bundle')
    stageBundle(bundle)
    const manifest = JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')) as ReturnType<typeof bundleManifest>
    const { args, env } = manifest.server.mcp_config
    // As a host does: what a person leaves empty has its default.
    const filled = (text: string) =>
      text.replaceAll(`\${__dirname}`, bundle).replace(/\$\{user_config\.(\w+)\}/g, (_, key: string) => {
        return String((manifest.user_config as Record<string, { default: unknown }>)[key]?.default)
      })
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...args.map(filled), '--no-share', '--log-level', 'warn'],
      cwd: folder,
      env: {
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)])),
        SIGNALBOX_HOME: join(folder, 'home'),
      },
    })

    await client.connect(transport)
    const files = [{ name: 'ferry.txt', text: 'The ferry leaves at 07:40.' }]
    const asked = await client.callTool({ name: 'ask', arguments: { prompt: 'When does the ferry leave?', files } })
    const recalled = await client.callTool({ name: 'remember', arguments: { text: 'We have two bicycles.' } })
    const status = await client.callTool({ name: 'status', arguments: {} })

    expect(asked.structuredContent).toMatchObject({ status: 'done', text: expect.stringContaining('07:40') })
    expect(recalled.isError).not.toBe(true)
    // The network that comes along runs on what is in the bundle.
    expect(status.structuredContent).toMatchObject({ version: packageFile['version'], embedder: { runtime: 'onnxruntime-web' } })
  } finally {
    await client.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})

test('bundleManifest() has the version of the package and keeps keys as secrets', () => {
  const { version, compatibility, user_config: settings, server } = bundleManifest({ platform: 'win32' })

  expect({ version, compatibility }).toEqual({
    version: packageFile['version'],
    compatibility: { platforms: ['win32'], runtimes: { node: '>=22.12' } },
  })
  const secret = Object.entries(settings).flatMap(([name, one]) => ('sensitive' in one && one.sensitive ? [name] : []))
  expect(secret).toEqual(['anthropic_api_key', 'openai_api_key'])
  const used = Object.values(server.mcp_config.env).map((value) => /^\$\{user_config\.(\w+)\}$/.exec(value)?.[1])
  expect(used.toSorted()).toEqual(Object.keys(settings).toSorted())
})

/** What the registry's schema of 2025-12-11 asks for, of what this file uses. */
const variable = z.strictObject({
  name: z.string(),
  description: z.string(),
  isSecret: z.boolean().optional(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
})
const argument = z.union([
  z.strictObject({ type: z.literal('positional'), value: z.string() }),
  z.strictObject({ type: z.literal('named'), name: z.string().regex(/^-/) }),
])
const serverFile = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: z.string(),
      version: z.string(),
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      packageArguments: z.array(argument),
      environmentVariables: z.array(variable),
    }),
  ),
})

test('server.json has the form that the registry takes, and the names and the version of the package', () => {
  const { name, version, packages } = serverFile.parse(JSON.parse(readFileSync(join(root, 'server.json'), 'utf8')))

  expect({ name, version }).toEqual({ name: packageFile['mcpName'], version: packageFile['version'] })
  expect(packages).toMatchObject([{ identifier: packageFile['name'], version: packageFile['version'] }])
})
