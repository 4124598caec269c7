import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import { type Policy, PolicyError, parsePolicy } from '../policies/index.ts'
import type { Config } from './config/config.ts'

const maxBytes = 1_000_000

/**
 * Reads and checks the policy of the configuration.
 *
 * @throws {PolicyError} With everything that is wrong with it.
 */
export async function loadPolicy(
  config: Pick<Config, 'policy'>,
  surroundings: { pools: readonly Pool[]; embedder: Embedder | undefined },
): Promise<Policy> {
  const { policy } = config
  const source = policy.kind === 'shipped' ? policy.name : policy.path
  const path = policy.kind === 'shipped' ? fileURLToPath(new URL(`../policies/shipped/${policy.name}.yaml`, import.meta.url)) : policy.path
  const refuse = (message: string) => new PolicyError(source, [{ path: '(file)', message }])
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${cause.code ?? cause.message})`)
  })
  if (text.length > maxBytes) throw refuse(`must have at most ${maxBytes} characters, received ${text.length}`)
  let data: unknown
  try {
    data = parse(text)
  } catch (cause) {
    throw refuse(`must be YAML (${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)})`)
  }
  return parsePolicy(data, { source, ...surroundings })
}
