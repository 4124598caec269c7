import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument, type YAMLParseError } from 'yaml'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import { type Policy, PolicyError, type PolicySurroundings, parsePolicy } from '../policies/index.ts'
import type { Config } from './config/config.ts'

const maxBytes = 1_000_000
const maxSideFileBytes = 50_000_000

export type PolicySource = Config['policy']

/** A policy file as it was read, and what it is called in messages. */
export interface PolicyText {
  readonly source: string
  readonly data: unknown
  /** Reads a file that the policy names, from the policy's folder. @throws {Error} If it cannot. */
  readonly readFile: (path: string) => Uint8Array
}

/** Who can be asked for a label, and by which kinds of signals; what is missing fails where a signal wants it. */
export type Askable = Pick<PolicySurroundings, 'classify' | 'callTool' | 'own'>

export interface PolicyNeeds extends Askable {
  readonly pools: readonly Pool[]
  readonly embedder: Embedder | undefined
  /** Told what is doubtful and yet served. */
  readonly warn?: ((message: string) => void) | undefined
}

/**
 * Reads the policy of the configuration and checks it: each part by itself, then the rules together (`policies/linter`).
 * Shipped policies are looked at by the tests, so that a start loads no linter for them.
 *
 * @throws {PolicyError} With everything that is wrong with it.
 */
export async function loadPolicy({ policy }: { policy: PolicySource }, { warn, ...surroundings }: PolicyNeeds): Promise<Policy> {
  const { data, ...text } = await readPolicy(policy)
  const parsed = parsePolicy(data, { ...text, ...surroundings })
  if (policy.kind === 'file') await refuseFaults(parsed, text.source, warn)
  return parsed
}

async function refuseFaults(policy: Policy, source: string, warn: PolicyNeeds['warn']): Promise<void> {
  const { findingInWords, lintPolicy } = await import('../policies/linter/lint.ts')
  const findings = lintPolicy(policy)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new PolicyError(
      source,
      errors.map((one) => ({ path: one.code, message: findingInWords(one) })),
    )
  for (const one of findings) if (one.severity === 'warning') warn?.(`Policy ${policy.name}: ${findingInWords(one)}`)
}

/** @throws {PolicyError} If it cannot be read, or is no YAML. */
export async function readPolicy(policy: PolicySource): Promise<PolicyText> {
  const source = policy.kind === 'shipped' ? policy.name : policy.path
  const path = policyPath(policy)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new PolicyError(source, [{ path: '(file)', message: `cannot be read (${cause.code ?? cause.message})` }])
  })
  return parsePolicyText(text, { source, folder: dirname(path) })
}

export function policyPath(policy: PolicySource): string {
  return policy.kind === 'shipped' ? fileURLToPath(new URL(`../policies/shipped/${policy.name}.yaml`, import.meta.url)) : policy.path
}

/** @throws {PolicyError} If it is no YAML. */
export function parsePolicyText(text: string, { source, folder }: { source: string; folder: string }): PolicyText {
  const refuse = (message: string) => new PolicyError(source, [{ path: '(file)', message }])
  if (text.length > maxBytes) throw refuse(`must have at most ${maxBytes} characters, received ${text.length}`)
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new PolicyError(source, document.errors.map(toIssue))
  try {
    return { source, data: document.toJS(), readFile: (name) => readSideFile(resolve(folder, name)) }
  } catch (cause) {
    throw refuse(`must be YAML (${firstLine(cause)})`)
  }
}

/** A file that the policy names: a trained head, a knowledge base. */
function readSideFile(path: string): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size > maxSideFileBytes) throw new Error(`it must have at most ${maxSideFileBytes} bytes, has ${size}`)
    return readFileSync(path)
  } catch (cause) {
    throw new Error(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? firstLine(cause)})`, { cause })
  }
}

function toIssue(error: YAMLParseError) {
  const line = error.linePos?.[0].line
  return { path: line === undefined ? '(file)' : `line ${line}`, message: `must be YAML (${firstLine(error)})` }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
