import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { checkShape } from './check.ts'
import type { Config, ConfigOrigin } from './config.ts'
import { ConfigError, type ConfigIssue } from './config-error.ts'
import { configFileName, dataFolder, homeFolder, type Surroundings, userConfigFile } from './folders.ts'
import { type ResolveOptions, resolveConfig } from './resolve.ts'
import { fileSchema, limits } from './schema.ts'
import { substitute } from './substitute.ts'
import { trustOf } from './trust.ts'

export interface LoadOptions extends Surroundings, Pick<ResolveOptions, 'ownProviders'> {
  /** `--config FILE`: whoever names a file trusts it. */
  readonly path?: string | undefined
}

/**
 * The configuration that this process runs.
 *
 * A file that is named (`path`, then `SIGNALBOX_CONFIG`) is the one; else a `./signalbox.yaml` that the user trusts as it stands;
 * else the user's own file; else the embedded defaults. A `./signalbox.yaml` that is not trusted is not even parsed.
 *
 * @throws {ConfigError} With every issue of the file that was chosen: it is never passed over for the next one.
 */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const named = options.path ?? (options.env['SIGNALBOX_CONFIG'] || undefined)
  if (named !== undefined) {
    const kind = options.path === undefined ? 'environment' : 'named'
    return readConfig({ kind, path: resolve(options.cwd, named), ignored: undefined }, options)
  }

  const user = await existing(userConfigFile(options))
  const found = await existing(join(options.cwd, configFileName))
  let ignored: ConfigOrigin['ignored']
  if (found !== undefined && found.real !== user?.real) {
    const folder = await readFound(found.path, options)
    if ('content' in folder) return parseConfig(folder.content, { kind: 'folder', path: found.path, ignored }, options)
    ignored = { path: found.path, reason: folder.reason }
  }
  if (user !== undefined) return readConfig({ kind: 'user', path: user.path, ignored }, options)
  return parseConfig(new Uint8Array(), { kind: 'embedded', path: undefined, ignored }, options)
}

/** What lies in the current folder may be anybody's: whatever is wrong with it, it is left alone and said. */
async function readFound(path: string, options: LoadOptions): Promise<{ content: Uint8Array } | { reason: string }> {
  let content: Uint8Array
  try {
    content = await readSmallFile(path)
  } catch (error) {
    if (error instanceof ConfigError) return { reason: error.issues[0]?.message ?? error.message }
    throw error
  }
  const trust = await trustOf(path, content, dataFolder(options))
  if (trust === 'trusted') return { content }
  return {
    reason: `${trust === 'changed' ? 'it has changed since it was trusted' : 'nobody has trusted it'}; read it, then run: signalbox trust`,
  }
}

/** Reads the file of an origin again. A folder's file that is no longer trusted as it stands is an error here. */
export async function readConfig(origin: ConfigOrigin & { path: string }, options: LoadOptions): Promise<Config> {
  const content = await readSmallFile(origin.path)
  if (origin.kind === 'folder' && (await trustOf(origin.path, content, dataFolder(options))) !== 'trusted') {
    throw new ConfigError(origin.path, [{ path: '', message: 'it has changed since it was trusted; read it, then run: signalbox trust' }])
  }
  return parseConfig(content, origin, options)
}

/**
 * Turns the bytes of a configuration file into the frozen value that runs.
 *
 * @throws {ConfigError} With every issue, each naming key, rule and what was received.
 */
export function parseConfig(content: Uint8Array, origin: ConfigOrigin, options: LoadOptions): Config {
  return parseConfigData(parseYaml(content, sourceOf(origin)), origin, options)
}

/** The same for what the file holds, or for a value of the same shape. */
export function parseConfigData(given: unknown, origin: ConfigOrigin, options: LoadOptions): Config {
  const source = sourceOf(origin)
  const { data, from, issues } = substitute(given, options.env)
  const failed = new Set(issues.map((issue) => issue.path))
  const shape = checkShape(fileSchema, data ?? {}, from)
  if ('issues' in shape) throw new ConfigError(source, [...issues, ...shape.issues.filter((issue) => !failed.has(issue.path))])

  const resolved = resolveConfig(shape.value, {
    origin,
    dataFolder: dataFolder(options),
    folder: origin.path === undefined ? options.cwd : dirname(origin.path),
    home: homeFolder(options),
    env: options.env,
    ownProviders: options.ownProviders,
    from,
  })
  const all = [...issues, ...resolved.issues.filter((issue) => !failed.has(issue.path))]
  if (all.length > 0) throw new ConfigError(source, all)
  return deepFreeze(resolved.config)
}

function sourceOf({ kind, path }: ConfigOrigin): string {
  return path ?? (kind === 'given' ? 'the given configuration' : 'the embedded defaults')
}

/** Plain data of a YAML 1.2 file. What the parser says is told without the text it says it about, which may be a secret. */
export function parseYaml(content: Uint8Array, source: string): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (cause) {
    throw new ConfigError(source, [{ path: '', message: 'it must be UTF-8 text' }], { cause })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: 'silent', stringKeys: true })
  const issues = [...document.errors, ...document.warnings].map((error): ConfigIssue => {
    const { line, col } = lines.linePos(error.pos[0])
    const words = quoting.has(error.code) ? 'unexpected text' : error.message
    return { path: '', message: `line ${line}, column ${col} is not valid YAML: ${words} (${error.code})` }
  })
  if (issues.length > 0) throw new ConfigError(source, issues.slice(0, 10))
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new ConfigError(source, [{ path: '', message: 'it must not repeat aliases so often that it grows without bound' }], { cause })
  }
}

/** Errors of the parser whose message holds a piece of the file. */
const quoting = new Set(['UNEXPECTED_TOKEN', 'BAD_ALIAS', 'TAG_RESOLVE_FAILED', 'BAD_DIRECTIVE', 'BAD_DQ_ESCAPE', 'BAD_SCALAR_START'])

async function readSmallFile(path: string): Promise<Uint8Array> {
  const refuse = (message: string, cause?: unknown) => new ConfigError(path, [{ path: '', message }], { cause })
  let file: Awaited<ReturnType<typeof open>>
  try {
    // Without waiting for a writer, should it be a named pipe.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refuse(code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${code ?? 'unknown reason'})`, error)
  }
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw refuse('it must be a regular file')
    if (facts.size > limits.fileBytes) throw refuse(`it must have at most ${limits.fileBytes} bytes, received ${facts.size}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** A file that is there but cannot be reached counts as there: the reason comes out when it is read. */
async function existing(path: string): Promise<{ path: string; real: string } | undefined> {
  try {
    return { path, real: await realpath(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { path, real: path }
  }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFreeze(item)
  }
  return value
}
