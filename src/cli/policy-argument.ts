import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { shippedPolicies } from '../config/schema.ts'
import { UsageError } from './failures.ts'
import type { Terminal } from './terminal.ts'

/** A policy as the configuration names it: a shipped one, or the path of a file. */
export function policyArgument(value: string, { cwd }: Pick<Terminal, 'cwd'>): Config['policy'] {
  const shipped = shippedPolicies.find((name) => name === value)
  if (shipped !== undefined) return { kind: 'shipped', name: shipped }
  const path = resolve(cwd, value)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return { kind: 'file', path }
  throw new UsageError(`A policy must be a shipped one (${shippedPolicies.join(', ')}) or the path of a file, received "${value}"`)
}
