import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeyLimits } from '../../src/caller.ts'
import { createKeys, rootOf } from '../../src/http/identity/keys.ts'
import { mint, openMinted } from '../../src/http/identity/minted.ts'
import { reachOf } from '../../src/reach.ts'
import type { HostedTool } from '../../tools/tool.ts'

const now = Date.UTC(2026, 0, 1)
const mintSecret = new Uint8Array(32).fill(7)
const token = 'a-token-of-sixteen'
const http = { token, tokens: [{ name: 'reader', token: 'another-token-of-more', roles: ['reader'], ratePerMinute: undefined }] }
const roles = { reader: { tools: ['files_*', 'a*'], pools: ['quick', 'deep'] } }

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 4 })
const glob = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*', '?'), minLength: 1, maxLength: 4 })
const globs = fc.option(fc.array(glob, { maxLength: 3 }), { nil: undefined })
const asked = fc.record({
  tools: globs,
  servers: globs,
  pools: globs,
  maxCostUsd: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  expiresAt: fc.integer({ min: 1, max: 1000 }).map((seconds) => now + seconds * 1000),
})

const toolOf = (name: string, server: string): HostedTool => ({
  name,
  server,
  tool: name,
  description: '',
  inputSchema: {},
  definition: {},
  readOnly: true,
  hash: '',
})
const ownerRoot = () => rootOf(http, mintSecret) ?? { name: '', secret: '' }
const opened = (key: string, at = now) => openMinted(key, () => mintSecret, at)
const capOf = (limits: readonly KeyLimits[]) =>
  Math.min(Number.POSITIVE_INFINITY, ...limits.map((one) => one.maxCostUsd ?? Number.POSITIVE_INFINITY))
const endOf = (limits: readonly KeyLimits[]) => Math.min(...limits.map((one) => one.expiresAt))

test('mint() never gives more than any key before it in the chain holds', () => {
  fc.assert(
    fc.property(
      fc.array(asked, { minLength: 1, maxLength: 5 }),
      fc.array(letters, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('owner', 'reader'),
      (chain, names, role) => {
        let parent: Parameters<typeof mint>[0] = ownerRoot()
        let before: readonly KeyLimits[] = []
        for (const one of chain) {
          let made: ReturnType<typeof mint>
          try {
            made = mint(parent, one, now)
          } catch {
            continue
          }
          const read = opened(made.key)
          if ('refused' in read) throw new Error(read.refused)
          const [child, ancestor] = [read.limits, before].map((limits) => reachOf({ roles: [role], limits }, { profiles: {}, roles }))
          for (const name of names) {
            for (const server of names) {
              if (child?.tool(toolOf(name, server)) && !ancestor?.tool(toolOf(name, server))) return false
            }
            if (child?.server(name) && !ancestor?.server(name)) return false
            if (child?.content(name) && !ancestor?.content(name)) return false
            if (child?.pool(name) && !ancestor?.pool(name)) return false
          }
          if (capOf(read.limits) > capOf(before) || (before.length > 0 && endOf(read.limits) > endOf(before))) return false
          parent = made.key
          before = read.limits
        }
        return true
      },
    ),
  )
})

test('a key of which anything was changed is refused', () => {
  const root = ownerRoot()
  const first = mint(root, { tools: ['files_*'], maxCostUsd: 1, expiresAt: now + 60_000 }, now)
  const { key } = mint(first.key, { tools: ['files_read'], expiresAt: now + 30_000 }, now)
  fc.assert(
    fc.property(fc.integer({ min: 4, max: key.length - 1 }), fc.constantFrom('A', 'b', '0', '_', '.'), (at, character) => {
      const changed = key.slice(0, at) + character + key.slice(at + 1)
      // The last character of a seal holds four bits that say nothing.
      if (changed === key || at === key.length - 1) return true
      return 'refused' in opened(changed)
    }),
  )
})

test('a link cannot be taken away again, nor put beside others', () => {
  const { key: first } = mint(ownerRoot(), { tools: ['files_*'], expiresAt: now + 60_000 }, now)
  const { key: second } = mint(first, { tools: ['files_read'], expiresAt: now + 60_000 }, now)
  const parts = (key: string) => key.slice(4).split('.') as [string, string]
  const [content] = parts(first)
  const [, seal] = parts(second)
  const { root, links } = JSON.parse(Buffer.from(parts(second)[0], 'base64url').toString()) as { root: string; links: string[] }
  const shorter = Buffer.from(JSON.stringify({ root, links: links.slice(1) })).toString('base64url')

  expect(opened(`sbk_${content}.${seal}`)).toEqual({ refused: 'the key is not genuine' })
  expect(opened(`sbk_${shorter}.${seal}`)).toEqual({ refused: 'the key is not genuine' })
})

test.each([
  [{ tools: ['*'] }, 'does not hold tools *, only files_read_*'],
  [{ tools: ['files_*'] }, 'does not hold tools files_*'],
  [{ servers: ['git'] }, 'does not hold servers git, only files'],
  [{ maxCostUsd: 2 }, 'holds $1, not $2'],
  [{ expiresAt: now + 90_000 }, 'which is earlier'],
  [{ expiresAt: now }, 'would have expired'],
])('mint() refuses to promise %j where the parent holds less', (more, reason) => {
  const { key } = mint(ownerRoot(), { tools: ['files_read_*'], servers: ['files'], maxCostUsd: 1, expiresAt: now + 60_000 }, now)

  expect(() => mint(key, { expiresAt: now + 30_000, ...more }, now)).toThrow(reason)
})

test('createKeys() lets a minted key in with the roles of its root, until it expires, is revoked, or its root is gone', async () => {
  const root = rootOf(http, mintSecret, 'another-token-of-more')
  if (root === undefined) throw new Error('no root')
  const { key, limits } = mint(root, { pools: [], expiresAt: now + 60_000 }, now)
  const revoked = new Set<string>()
  const identify = (at = now, config: Parameters<typeof createKeys>[0] = http, secret: Uint8Array | undefined = mintSecret) =>
    createKeys(config, { mintSecret: secret, now: () => at, isRevoked: async (ids) => ids.some((id) => revoked.has(id)) })(
      new Headers({ authorization: `Bearer ${key}` }),
    )

  expect(await identify()).toEqual({ principal: expect.stringMatching(/^key:[0-9a-f]{32}$/), roles: ['reader'], limits })
  expect(await identify(now + 60_000)).toEqual({ refused: 'the key has expired', error: 'invalid_token' })
  expect(await identify(now, { token, tokens: [] })).toMatchObject({ refused: expect.stringContaining('not known here') })
  expect(await identify(now, { token: undefined, tokens: [] })).toMatchObject({ refused: expect.stringContaining('not known here') })
  expect(await identify(now, http, new Uint8Array(32))).toMatchObject({ refused: 'the key is not genuine' })
  revoked.add(limits[0]?.id ?? '')
  expect(await identify()).toEqual({ refused: 'the key was revoked', error: 'invalid_token' })
})
