import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import { isPair, isScalar, isSeq, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { findKeys } from '../../models/local/detect/keys.ts'
import type { Config } from '../config/config.ts'
import { type Surroundings, userConfigFile } from '../config/folders.ts'
import { writePrivateFile } from '../config/private-file.ts'
import { secretsOf } from '../config/secrets.ts'
import { readPolicy } from '../load-policy.ts'
import { lockFileOf } from '../tools-lock.ts'
import type { TransferPart } from './part-names.ts'
import type { TransferLine } from './transfer-file.ts'

export interface SettingsExport {
  readonly lines: readonly TransferLine[]
  /** Keys of the configuration whose value was left out, with the variable that takes its place. */
  readonly variables: readonly { readonly key: string; readonly variable: string }[]
  /** Files that were left out, and why. */
  readonly left: readonly string[]
}

/** Configuration, policy and accepted definitions of tools: the files that lie beside each other. Without a file there is nothing. */
export async function exportSettings({ origin, policy }: Config, wanted: readonly TransferPart[]): Promise<SettingsExport> {
  const lines: TransferLine[] = []
  const left: string[] = []
  const { path } = origin
  if (path === undefined) return { lines, variables: [], left }
  const folder = dirname(path)
  let variables: SettingsExport['variables'] = []

  const add = (part: TransferPart, file: string, bytes: Uint8Array | string) => {
    const name = nameUnder(folder, file)
    if (name === undefined) return void left.push(`${file}: it lies outside ${folder}`)
    lines.push({
      part,
      file: { path: name, ...(typeof bytes === 'string' ? { text: bytes } : { base64: Buffer.from(bytes).toString('base64') }) },
    })
  }

  if (wanted.includes('configuration')) {
    const exported = await withoutSecrets(await readFile(path, 'utf8'), policyName(policy, folder))
    variables = exported.variables
    add('configuration', join(folder, 'signalbox.yaml'), exported.text)
  }
  if (policy.kind === 'file' && wanted.includes('policies')) {
    const source = await readFile(policy.path, 'utf8')
    const { data, readFile: readSide } = await readPolicy(policy)
    const name = policyName(policy, folder) ?? basename(policy.path)
    add('policies', join(folder, name), without(await keysIn(source), source, removed))
    for (const side of sideFiles(data)) add('policies', resolve(dirname(policy.path), side), readSide(side))
  }
  if (wanted.includes('pins')) {
    const lock = await readFile(lockFileOf(path), 'utf8').catch(() => undefined)
    if (lock !== undefined) add('pins', lockFileOf(path), lock)
  }
  return { lines, variables, left }
}

/** What must not stand in an export even where somebody has said it. Variables of servers count by their names: `production` is a word. */
export function sayableSecrets(config: Config): string[] {
  const isSecret = /key|token|secret|pass|pwd|auth|cred|dsn|url/i
  const servers = config.servers.map((server) => {
    const { transport } = server
    if (transport.kind !== 'stdio') return server
    const env = Object.fromEntries(Object.entries(transport.env).filter(([name]) => isSecret.test(name)))
    return { ...server, transport: { ...transport, env } }
  })
  return secretsOf({ ...config, servers })
}

const fileSchema = z.strictObject({
  path: z.string().min(1).max(400),
  text: z.string().optional(),
  base64: z.base64().optional(),
})

/**
 * Writes a file of an export beside the configuration that is in use, or where the user's own would be.
 *
 * @returns `written`, or `same` or `different` of a file that is there already, which is never replaced.
 * @throws {RangeError} If its name leads out of that folder.
 */
export async function importFile(
  given: unknown,
  { origin }: Pick<Config, 'origin'>,
  surroundings: Surroundings,
): Promise<{ path: string; outcome: 'written' | 'same' | 'different' }> {
  const { path: name, text, base64 } = fileSchema.parse(given)
  const config = origin.path ?? userConfigFile(surroundings)
  // The configuration may have another name there.
  const path = name === 'signalbox.yaml' ? config : resolve(dirname(config), name)
  if (nameUnder(dirname(config), path) === undefined || /[\\:\0]/.test(name))
    throw new RangeError(`Cannot import the file "${name}": its name must lead to a place below ${dirname(config)}`)
  const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
  const there = await readFile(path).catch(() => undefined)
  if (there !== undefined) return { path, outcome: there.equals(bytes) ? 'same' : 'different' }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writePrivateFile(path, bytes)
  return { path, outcome: 'written' }
}

/** A name that holds on another machine: with slashes, and below the folder. */
function nameUnder(folder: string, path: string): string | undefined {
  const name = relative(folder, path)
  return name === '' || name === '..' || name.startsWith(`..${sep}`) || isAbsolute(name) ? undefined : name.split(sep).join(posix.sep)
}

/** As the configuration of the export names its policy: one from elsewhere lies beside it from now on. */
function policyName(policy: Config['policy'], folder: string): string | undefined {
  if (policy.kind !== 'file') return undefined
  return nameUnder(folder, policy.path) ?? basename(policy.path)
}

/** Paths of the keys whose values are secrets, unless they only name a variable. */
const secretKeys =
  /^(providers\/[^/]+\/api_key|embedder\/api_key|http\/token|http\/tokens\/\d+\/token|tools\/[^/]+\/(env|headers)\/[^/]+|tools\/[^/]+\/oauth\/client_secret)$/
const onlyVariables = /^((Bearer|Basic|Token) )?(\$\{[A-Za-z_][A-Za-z0-9_]*\})+$/

/** The configuration with a variable in the place of each secret, comments kept. What a variable defaults to may be one as well. */
async function withoutSecrets(
  source: string,
  policy: string | undefined,
): Promise<{ text: string; variables: SettingsExport['variables'] }> {
  const variables: { key: string; variable: string }[] = []
  const keys = await keysIn(source)
  const document = parseDocument(source)
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string') return
      const path = pathOf(key, ancestors)
      if (!secretKeys.test(path)) {
        node.value = without(keys, node.value, `\${${removed}}`)
        return
      }
      if (onlyVariables.test(node.value)) return
      const variable = /^\$\{([A-Za-z_][A-Za-z0-9_]*):-[^}]*\}$/.exec(node.value)?.[1] ?? path.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()
      node.value = `\${${variable}}`
      variables.push({ key: path.replaceAll('/', '.'), variable })
    },
  })
  if (policy !== undefined && document.get('policy') !== policy) document.set('policy', `./${policy}`)
  const written = document.toString({ lineWidth: 0 })
  if (written.includes(`\${${removed}}`)) variables.push({ key: 'other keys', variable: removed })
  // What is left stands in comments.
  return { text: without(keys, written, removed), variables }
}

/** Where a scalar stands, as names and numbers between slashes. */
function pathOf(key: unknown, ancestors: readonly unknown[]): string {
  const names = ancestors.flatMap((one, index): unknown[] => {
    if (isPair(one)) return [isScalar(one.key) ? one.key.value : undefined]
    if (isSeq(one)) return [index === ancestors.length - 1 ? key : one.items.indexOf(ancestors[index + 1])]
    return []
  })
  return names.join('/')
}

/** Stands for a key where none is expected, such as in the arguments of a command or in a comment. */
const removed = 'REMOVED_SECRET'

async function keysIn(text: string): Promise<string[]> {
  const { findings } = await findKeys(text)
  const secrets = findings.filter(({ group, start }) => group === 'secret' && !text.startsWith('${', start))
  return secrets.map(({ start, end }) => text.slice(start, end))
}

function without(keys: readonly string[], text: string, instead: string): string {
  return keys.reduce((rest, key) => rest.replaceAll(key, () => instead), text)
}

/** Names of files that signals and selectors of a policy read. */
function sideFiles(data: unknown): string[] {
  if (Array.isArray(data)) return data.flatMap(sideFiles)
  if (typeof data !== 'object' || data === null) return []
  const predicts = 'kind' in data && data.kind === 'predicted'
  return Object.entries(data).flatMap(([key, value]) =>
    typeof value === 'string' && (key === 'file' || (predicts && key === 'model')) ? [value] : sideFiles(value),
  )
}
