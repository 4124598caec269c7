import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { userConfigFile } from '../../config/folders.ts'
import { loadConfig, parseConfig } from '../../config/load.ts'
import { configSchema } from '../../config/schema.ts'
import { FailedError, UsageError } from '../failures.ts'
import { collect } from '../given.ts'
import { type ClientFile, clientEntry, clientFiles, clientNames, type Registration } from '../init/clients.ts'
import { applyChange, changeInLines, type FileChange, readIfThere } from '../init/file-change.ts'
import { importServers } from '../init/import-servers.ts'
import { JsoncError, parseJsonc, setMember } from '../init/jsonc.ts'
import { findLocalServers, type LocalServer, localServers } from '../init/local-models.ts'
import { type Found, schemaFileName, starterConfig } from '../init/starter-config.ts'
import { surroundingsOf } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import { confirmed, hasPerson } from '../question.ts'
import type { Terminal } from '../terminal.ts'

export interface InitOptions extends GlobalOptions {
  readonly client?: readonly string[]
  readonly import?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('write a configuration for what is on this machine, and register Signalbox with MCP clients')
    .addOption(
      new Option('--client <name>', 'register with this client alone; can be repeated; none registers with no client')
        .argParser((value: string, before: readonly string[] | undefined) => collect(value, before))
        .default(undefined, 'those that are found'),
    )
    .option('--import', "take over the clients' own servers as tools: of a new configuration")
    .option('--dry-run', 'show what would be written, and write nothing')
    .option('-y, --yes', 'write without asking')
    .action(async (_options: unknown, command: Command) => init(command.optsWithGlobals<InitOptions>(), terminal))
}

const configTitle = 'Configuration'

/** Looks, shows each file as it would become, asks, and only then writes. Run twice, it finds nothing left to do. */
export async function init(
  options: InitOptions,
  terminal: Terminal,
  { servers = localServers }: { servers?: readonly LocalServer[] } = {},
): Promise<void> {
  const clients = chooseClients(options, terminal)
  const config = resolve(terminal.cwd, options.config ?? (terminal.env['SIGNALBOX_CONFIG'] || userConfigFile(surroundingsOf(terminal))))
  const changes = [
    ...(await configChanges(config, options, servers, terminal)),
    ...(await clientChanges(clients, await registrationOf(config, terminal), terminal)),
  ]

  for (const change of changes) note(terminal, `${changeInLines(change)}\n`)
  const written = options.dryRun === true ? [] : await writeConfirmed(changes, options, terminal)
  if (options.json === true) {
    printJson(terminal, {
      config,
      changes: changes.map(({ title, path }) => ({ title, path, written: written.some((one) => one.path === path) })),
      backups: written.flatMap((one) => one.backup ?? []),
    })
    return
  }
  if (changes.length === 0) printText(terminal, `Nothing to do: ${config} is there, and the clients know Signalbox`)
  else if (options.dryRun === true) printText(terminal, `Nothing was written: ${changes.length} files would be`)
  for (const { path, backup } of written) printText(terminal, `Wrote ${path}${backup === undefined ? '' : ` (before: ${backup})`}`)
  if (written.length > 0) printText(terminal, 'Restart the clients to see Signalbox there. What is missing still, "signalbox doctor" says.')
}

function chooseClients({ client }: InitOptions, terminal: Terminal): ClientFile[] {
  const all = clientFiles(surroundingsOf(terminal))
  if (client === undefined) return all.filter((one) => one.found)
  const unknown = client.find((name) => name !== 'none' && !all.some((one) => one.name === name))
  if (unknown !== undefined) throw new UsageError(`--client must be one of ${clientNames.join(', ')} or none, received "${unknown}"`)
  return all.filter((one) => client.includes(one.name))
}

/** A configuration that is there stays as it is, if it can run; a new one is written for what is found. */
async function configChanges(
  path: string,
  options: InitOptions,
  servers: readonly LocalServer[],
  terminal: Terminal,
): Promise<FileChange[]> {
  const schema = await changeOf(
    'JSON Schema for editors',
    join(dirname(path), schemaFileName),
    () => `${JSON.stringify(configSchema(), null, 2)}\n`,
    { generated: true },
  )
  if ((await readIfThere(path)) !== undefined) {
    await loadConfig({ ...surroundingsOf(terminal), path })
    note(terminal, `The configuration ${path} is there and stays as it is`)
    return schema
  }
  const found: Found = {
    openai: isSet(terminal, 'OPENAI_API_KEY'),
    anthropic: isSet(terminal, 'ANTHROPIC_API_KEY'),
    local: await findLocalServers(servers, terminal.signal),
    servers: options.import === true ? await importFromClients(terminal) : {},
  }
  sayFound(found, terminal)
  const text = starterConfig(found)
  parseConfig(Buffer.from(text), { kind: 'named', path, ignored: undefined }, surroundingsOf(terminal))
  return [{ title: configTitle, path, before: undefined, after: text }, ...schema]
}

function isSet({ env }: Terminal, variable: string): boolean {
  return (env[variable] ?? '') !== ''
}

function sayFound({ openai, anthropic, local }: Found, terminal: Terminal): void {
  const keys = [...(openai ? ['OPENAI_API_KEY'] : []), ...(anthropic ? ['ANTHROPIC_API_KEY'] : [])]
  note(terminal, `Keys: ${keys.length === 0 ? 'none in the environment' : keys.join(', ')}`)
  const servers = local.map(({ title, models }) => `${title} (${models.length} models)`)
  note(terminal, `Model servers on this machine: ${servers.length === 0 ? 'none answers' : servers.join(', ')}\n`)
}

async function importFromClients(terminal: Terminal): Promise<Found['servers']> {
  const files: { client: ClientFile; text: string }[] = []
  for (const client of clientFiles(surroundingsOf(terminal))) {
    const text = await readIfThere(client.path)
    if (text !== undefined) files.push({ client, text })
  }
  const { servers, left } = importServers(files, surroundingsOf(terminal))
  for (const { client, server, reason } of left) note(terminal, `Not taken over: ${server} of ${client} (${reason})`)
  return servers
}

async function registrationOf(config: string, terminal: Terminal): Promise<Registration> {
  const script = await realpath(terminal.program.script)
  if (/[\\/]_npx[\\/]/.test(script)) {
    note(
      terminal,
      `Signalbox runs from the cache of npx, ${dirname(script)}, which npm may empty: "npm install --global signalbox" keeps it`,
    )
  }
  return { node: terminal.program.node, script, config, dataFolder: terminal.env['SIGNALBOX_HOME'] || undefined }
}

async function clientChanges(clients: readonly ClientFile[], registration: Registration, terminal: Terminal): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for (const client of clients) {
    try {
      changes.push(...(await changeOf(client.title, client.path, (text) => register(text ?? '', client, registration))))
    } catch (error) {
      if (!(error instanceof JsoncError)) throw error
      note(terminal, `Cannot register with ${client.title}: ${client.path} is left alone, ${error.message}\n`)
    }
  }
  return changes
}

/** The client's file with Signalbox in it; the same text, if it is there as it should be. */
function register(text: string, client: ClientFile, registration: Registration): string {
  const entry = clientEntry(client, registration)
  const servers = (parseJsonc(text) as Record<string, Record<string, unknown> | undefined>)[client.servers]
  const same = JSON.stringify(servers?.['signalbox']) === JSON.stringify(entry)
  return same ? text : setMember(text, client.servers, 'signalbox', entry)
}

async function changeOf(
  title: string,
  path: string,
  make: (before: string | undefined) => string,
  facts: Pick<FileChange, 'generated'> = {},
): Promise<FileChange[]> {
  const before = await readIfThere(path)
  const after = make(before)
  return after === before ? [] : [{ title, path, before, after, ...facts }]
}

async function writeConfirmed(
  changes: readonly FileChange[],
  options: InitOptions,
  terminal: Terminal,
): Promise<{ path: string; backup: string | undefined }[]> {
  if (changes.length > 0 && options.yes !== true && !hasPerson(terminal)) {
    throw new FailedError('Nothing was written: nobody is here to ask, add --yes to write or --dry-run to look')
  }
  const stamp = new Date().toISOString().replace(/\.\d+/, '').replaceAll(/[:-]/g, '')
  const written: { path: string; backup: string | undefined }[] = []
  for (const change of changes) {
    if (options.yes !== true && !(await confirmed(terminal, `Write ${basename(change.path)} (${change.title})?`))) {
      if (change.title !== configTitle) continue
      throw new FailedError('Nothing was written: the clients would start Signalbox with a configuration that is not there')
    }
    written.push({ path: change.path, backup: await applyChange(change, stamp) })
  }
  return written
}
