import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { configFileName, dataFolder } from '../../config/folders.ts'
import { loadConfig, parseYaml } from '../../config/load.ts'
import { trustConfig } from '../../config/trust.ts'
import { FailedError, UsageError } from '../failures.ts'
import { surroundingsOf } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import { confirmed, hasPerson } from '../question.ts'
import type { Terminal } from '../terminal.ts'

interface TrustOptions extends GlobalOptions {
  readonly yes?: boolean
}

export function addTrust(program: Command, terminal: Terminal): void {
  program
    .command('trust')
    .description(`let a ${configFileName} of a folder run, as it is now; an edit asks again`)
    .argument('[path]', `the file, or its folder; ./${configFileName} unless given`)
    .option('-y, --yes', 'do not ask')
    .action(async (path: string | undefined, _options: unknown, command: Command) =>
      trust(path, command.optsWithGlobals<TrustOptions>(), terminal),
    )
}

/** Shows what the file would start, open and read, asks, and records exactly what was shown. */
async function trust(given: string | undefined, options: TrustOptions, terminal: Terminal): Promise<void> {
  const file = await fileOf(resolve(terminal.cwd, given ?? '.'))
  const shown = await readFile(file)
  note(terminal, [file, ...effectsOf(parseYaml(shown, file)).map((effect) => `  ${effect}`)].join('\n'))
  // What cannot run is not worth trusting; its issues are told now.
  await loadConfig({ ...surroundingsOf(terminal), path: file })
  if (options.yes !== true) {
    if (!hasPerson(terminal)) throw new UsageError('Nobody is here to ask: read the file, then add --yes')
    if (!(await confirmed(terminal, 'Trust this file as it is?'))) throw new FailedError('Not trusted')
  }
  const { path, sha256 } = await trustConfig(file, dataFolder(surroundingsOf(terminal)), shown)
  if (options.json === true) printJson(terminal, { trusted: path, sha256 })
  else printText(terminal, `Trusted ${path} (SHA-256 ${sha256.slice(0, 12)}...)`)
}

async function fileOf(path: string): Promise<string> {
  try {
    const facts = await stat(path)
    const file = facts.isDirectory() ? join(path, configFileName) : path
    if ((await stat(file)).isFile()) return file
  } catch (cause) {
    throw new UsageError(`There is no ${configFileName} at ${path}`, { cause })
  }
  throw new UsageError(`${path} must be a file, or a folder with a ${configFileName}`)
}

/** What a file asks for that a person should know before trusting it, in the words of the file: nothing is substituted or run. */
function effectsOf(data: unknown): string[] {
  const file = asMapping(data)
  const effects: string[] = []
  for (const [name, server] of Object.entries(asMapping(file['tools']))) {
    const { command, args, url } = asMapping(server)
    if (command !== undefined) effects.push(`starts ${name}: ${[command, ...(Array.isArray(args) ? args : [])].map(String).join(' ')}`)
    if (url !== undefined) effects.push(`connects ${name}: ${String(url)}`)
  }
  for (const [name, provider] of Object.entries(asMapping(file['providers']))) {
    const { base_url: url } = asMapping(provider)
    if (url !== undefined) effects.push(`sends requests for ${name} to ${String(url)}`)
  }
  const embedder = asMapping(file['embedder'])['base_url']
  if (embedder !== undefined) effects.push(`sends texts to be embedded to ${String(embedder)}`)
  const variables = new Set<string>()
  collectVariables(data, variables)
  if (variables.size > 0) effects.push(`reads the variables ${[...variables].toSorted().join(', ')}`)
  return effects.length > 0 ? effects : ['starts nothing, connects to nothing and reads no variable']
}

function collectVariables(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') for (const match of value.matchAll(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)/g)) into.add(String(match[1]))
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collectVariables(item, into)
}

function asMapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
