import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { instanceKey, mintPurpose } from '../../config/instance-token.ts'
import type { ListedKey, MintedKeys } from '../../minted-keys.ts'
import { FailedError, UsageError } from '../failures.ts'
import { amount, duration, textArgument, wholeNumber } from '../given.ts'
import { withStore } from '../open-store.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

interface MintOptions extends GlobalOptions {
  readonly from?: string | undefined
  readonly tools?: readonly string[] | undefined
  readonly servers?: readonly string[] | undefined
  readonly pools?: readonly string[] | undefined
  readonly usd?: number | undefined
  readonly rate?: number | undefined
  readonly ttl?: number | undefined
}

/** `keys mint`, `keys list` and `keys revoke`: keys for the HTTP door that hold less than what they are minted from. */
export function addMintedKeys(keys: Command, terminal: Terminal): void {
  keys
    .command('mint')
    .description('make a key for the HTTP door that holds less than its parent; it is shown once')
    .option('--from <key>', 'a key of http.token or http.tokens, or a minted one; - reads it from stdin; without it, the owner')
    .option('--tools <globs>', 'the tools that it reaches at most, by commas', listed)
    .option('--servers <globs>', 'the servers that it reaches at most, by commas', listed)
    .option('--pools <globs>', 'the pools that it reaches at most, by commas', listed)
    .option('--usd <amount>', 'what it, and all that is minted from it, may spend in all', amount('--usd'))
    .option(
      '--rate <calls>',
      'how many calls of models a minute it, and all that is minted from it, may begin over HTTP',
      wholeNumber('--rate'),
    )
    .option('--ttl <time>', 'how long it holds: 90s, 30m, 12h, 7d; an hour unless told', duration('--ttl'))
    .action(async (_options: unknown, command: Command) => mintKey(command.optsWithGlobals<MintOptions>(), terminal))
  keys
    .command('list')
    .description('keys that were minted on this machine and have not expired; never a key itself')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withMintedKeys(options, terminal, async (minted) => {
        const found = await minted.list(Date.now())
        if (options.json === true) printJson(terminal, { keys: found.map(fieldsOf) })
        else printText(terminal, found.length === 0 ? 'No minted key holds.' : found.map(inWords).join('\n'))
      })
    })
  keys
    .command('revoke')
    .description('end a minted key, and all that was minted from it')
    .argument('<id>', 'as mint and list show it')
    .action(async (id: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError('an id of a minted key has 32 characters 0-9 and a-f: see signalbox keys list')
      const { maxLifeMs } = await import('../../http/identity/minted.ts')
      await withMintedKeys(options, terminal, (minted) => minted.revoke(id, Date.now() + maxLifeMs))
      if (options.json === true) printJson(terminal, { revoked: id })
      else printText(terminal, `Revoked ${id}, and all that was minted from it.`)
    })
}

async function mintKey(options: MintOptions, terminal: Terminal): Promise<void> {
  const from = options.from === undefined ? undefined : await textArgument(options.from, 'the key to mint from', terminal)
  const { mint, mintedPrefix, MintError } = await import('../../http/identity/minted.ts')
  const { createKeys, principalOfKey, rootOf } = await import('../../http/identity/keys.ts')
  await withMintedKeys(options, terminal, async (minted, config) => {
    const mintSecret = await instanceKey(config.dataFolder, mintPurpose)
    const isMinted = from?.startsWith(mintedPrefix) === true
    if (isMinted) {
      const identify = createKeys(config.http, { mintSecret, isRevoked: minted.isRevoked })
      const identity = await identify(new Headers({ 'x-api-key': from }))
      if ('refused' in identity) throw new FailedError(`Cannot mint: ${identity.refused}`)
    }
    const parent = isMinted ? from : rootOf(config.http, mintSecret, from)
    if (parent === undefined) throw new FailedError('Cannot mint: the key to mint from is none of http.token and http.tokens')
    const { tools, servers, pools, usd: maxCostUsd, rate: callsPerMinute } = options
    try {
      const now = Date.now()
      const { key, limits } = mint(
        parent,
        { tools, servers, pools, maxCostUsd, callsPerMinute, ...(options.ttl !== undefined && { expiresAt: now + options.ttl }) },
        now,
      )
      const made = {
        id: limits.at(-1)?.id ?? '',
        principal: principalOfKey(key),
        parent: typeof parent === 'string' ? principalOfKey(parent) : parent.name,
        limits,
      }
      await minted.record(made)
      if (options.json === true) printJson(terminal, { key, ...fieldsOf({ ...made, createdAt: now, revoked: false }) })
      else {
        printText(terminal, key)
        note(terminal, inWords({ ...made, createdAt: now, revoked: false }))
      }
    } catch (error) {
      if (error instanceof MintError) throw new FailedError(`Cannot mint: ${error.message}`)
      throw error
    }
  })
}

async function withMintedKeys(
  options: GlobalOptions,
  terminal: Terminal,
  use: (minted: MintedKeys, config: Config) => Promise<void>,
): Promise<void> {
  await withStore(options, terminal, async ({ rows }, config) => {
    const { createMintedKeys } = await import('../../minted-keys.ts')
    await use(createMintedKeys(rows), config)
  })
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function fieldsOf({ id, principal, parent, limits, createdAt, revoked }: ListedKey) {
  return {
    id,
    principal,
    parent,
    created_at: new Date(createdAt).toISOString(),
    revoked,
    limits: limits.map((one) => ({
      id: one.id,
      tools: one.tools,
      servers: one.servers,
      pools: one.pools,
      usd: one.maxCostUsd,
      calls_per_minute: one.callsPerMinute,
      expires_at: new Date(one.expiresAt).toISOString(),
    })),
  }
}

function inWords({ id, principal, parent, limits, revoked }: ListedKey): string {
  const held = limits.map(({ tools, servers, pools, maxCostUsd, callsPerMinute, expiresAt }) =>
    [
      ...Object.entries({ tools, servers, pools }).flatMap(([kind, globs]) =>
        globs === undefined ? [] : [`${kind} ${globs.join(',') || 'none'}`],
      ),
      ...(maxCostUsd === undefined ? [] : [`$${maxCostUsd}`]),
      ...(callsPerMinute === undefined ? [] : [`${callsPerMinute} calls a minute`]),
      `until ${new Date(expiresAt).toISOString()}`,
    ].join(', '),
  )
  return `${id} (${principal}, from ${parent}): ${held.join('; within it: ')}${revoked ? '; revoked' : ''}`
}
