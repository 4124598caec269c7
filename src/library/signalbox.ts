import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { checkOwnKinds } from '../../policies/index.ts'
import { openSignalbox } from '../box.ts'
import { asOwner, type CallContext, type Caller } from '../caller.ts'
import type { Config } from '../config/config.ts'
import { instanceKey } from '../config/instance-token.ts'
import { type LoadOptions, parseConfigData, readConfig } from '../config/load.ts'
import type { ConfigInput } from '../config/schema.ts'
import { secretsOf } from '../config/secrets.ts'
import { createLog, type LogOptions } from '../log.ts'
import { jsonSchemaOf, slim } from '../mcp/schemas.ts'
import { describeIssues } from '../mcp/tools.ts'
import { foreverMs, isLong, type OperationResult } from '../operations/operation.ts'
import { version } from '../version.ts'
import type { ProviderDefinition } from './provider.ts'
import type { SelectorKind } from './selector.ts'
import type { SignalKind } from './signal.ts'

export type { ConfigInput } from '../config/schema.ts'

export interface SignalboxOptions {
  /** What a configuration file holds, or the path of one. Unless given, the embedded defaults: no file is looked for. */
  readonly config?: ConfigInput | string | undefined
  /** Where relative paths of a `config` that is no file start; the current folder unless given. */
  readonly folder?: string | undefined
  /** Absolute: where threads, memories and decisions are kept. Unless given, where the command keeps them. */
  readonly dataFolder?: string | undefined
  /** What `${NAME}` and the keys of providers are taken from; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** For the pools to name, beside those of the configuration. */
  readonly providers?: readonly ProviderDefinition[] | undefined
  /** For the policy to name, beside those that come along. */
  readonly signals?: readonly SignalKind[] | undefined
  readonly selectors?: readonly SelectorKind[] | undefined
  /** Lines go to stderr, from warnings on, unless told otherwise. */
  readonly log?: Partial<Pick<LogOptions, 'level' | 'format' | 'stream'>> | undefined
}

/** A Signalbox inside a program of one's own. */
export interface EmbeddedSignalbox {
  readonly version: string
  /** What can be called: the MCP tools, with the JSON Schema of their input. */
  operations(): readonly { readonly name: string; readonly description: string; readonly inputSchema: Record<string, unknown> }[]
  /**
   * Calls one of them and waits for its end, however long that takes; `signal` ends it.
   *
   * A refusal or a failed run is an answer with `isError`. What has to be confirmed is answered `needs_approval`, since nobody can
   * be asked here.
   *
   * @throws {RangeError} If there is no such operation, or the input does not fit it.
   */
  call(operation: string, input?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Answer>
  /** Resolves when each hosted server has answered or failed, and its tools can be found by meaning. */
  settled(signal?: AbortSignal): Promise<void>
  /** What `signalbox serve --http` serves, console included. Without a port, the configured one or the next that is free. */
  serveHttp(options?: { readonly host?: string | undefined; readonly port?: number | undefined }): Promise<Door>
  /** MCP for the one client that has started this process: until it is closed, stdout belongs to the protocol. */
  serveStdio(options?: { readonly profile?: string | undefined }): Promise<{ readonly closed: Promise<void>; close(): Promise<void> }>
  /** Resolves when everything that was started has ended, doors first. */
  close(): Promise<void>
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Whose threads, memories and decisions are meant: those of `local`, who also uses the command line, unless told. */
  readonly principal?: string | undefined
  /** Names of roles of the configuration that bound what is reached; without them nothing is bound. */
  readonly roles?: readonly string[] | undefined
  /** Facts of the step for the policy; they may route, and never permit. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Told the text of an answer as it arrives. */
  readonly onText?: ((delta: string) => void) | undefined
}

export interface Answer {
  /** All that a model needs to go on. */
  readonly text: string
  /** The same as data, where the operation has an output schema (`docs/tools.md`). */
  readonly structured: Readonly<Record<string, unknown>> | undefined
  /** MCP content blocks. */
  readonly content: readonly Readonly<Record<string, unknown>>[]
  readonly isError: boolean
}

export interface Door {
  readonly url: string
  close(): Promise<void>
}

/**
 * Opens a Signalbox in this process.
 *
 * @throws {ConfigError} With everything that is wrong with the configuration.
 * @throws {PolicyError} If the policy cannot be served.
 */
export async function createSignalbox(options: SignalboxOptions = {}): Promise<EmbeddedSignalbox> {
  const { folder = process.cwd(), dataFolder, providers, signals, selectors } = options
  checkOwnKinds({ signals, selectors })
  const env = { ...(options.env ?? process.env), ...(dataFolder !== undefined && { SIGNALBOX_HOME: dataFolder }) }
  const config = await configOf(options.config, { env, cwd: resolve(folder), home: homedir(), ownProviders: providers })
  const log = createLog({ level: 'warn', stream: process.stderr, ...options.log })
  log.hide(secretsOf(config))
  const box = await openSignalbox(config, { log, variables: { env, hide: log.hide }, own: { providers, signals, selectors } })
  const doors = new Set<{ close(): Promise<void> }>()

  return {
    version,
    operations: () =>
      box.operations(asOwner()).map(({ name, description, input, shown }) => {
        const inputSchema = slim(shown?.input) ?? jsonSchemaOf(input, 'input')
        return { name, description, inputSchema: inputSchema as Record<string, unknown> }
      }),

    async call(name, input = {}, { signal = new AbortController().signal, principal = 'local', roles, metadata, onText } = {}) {
      const viewer = roles === undefined ? asOwner() : { roles }
      const operation = box.operations(viewer).find((one) => one.name === name)
      if (operation === undefined) throw new RangeError(`Cannot call "${name}": there is no such operation`)
      const parsed = operation.input.safeParse(input)
      if (!parsed.success) throw new RangeError(`Cannot call ${name}: ${describeIssues(parsed.error)}`)
      const caller: Caller = {
        ...viewer,
        principal,
        door: 'library',
        client: { name: 'signalbox-library', version },
        capabilities: {},
        metadata,
      }
      const context: CallContext = { caller, signal, progress: () => undefined, onText, log: () => undefined }
      const run = async (): Promise<OperationResult> =>
        isLong(operation)
          ? box.runs.execute(operation, parsed.data, context, { handleAfterMs: foreverMs })
          : operation.run(parsed.data as never, context)
      const result = await box.tracer.span(`signalbox ${name}`, {}, run)
      if (result.kind !== 'done') {
        await box.runs.cancel(result.handle, caller)
        throw new Error(`Cannot call ${name}: its server asks for input in the middle, which nobody can give here`)
      }
      const text = result.content.map((block) => (block['type'] === 'text' ? String(block['text']) : '')).join('\n')
      return { text, structured: result.structured, content: result.content, isError: result.isError === true }
    },

    settled: (signal) => box.settled(signal),

    async serveHttp({ host, port } = {}) {
      const { openHttpDoor } = await import('../http/open-door.ts')
      const door = await openHttpDoor(box, config, { log, host, port })
      const closing = {
        url: door.url,
        async close() {
          doors.delete(closing)
          await door.close()
        },
      }
      doors.add(closing)
      return closing
    },

    async serveStdio({ profile } = {}) {
      if (profile !== undefined && !Object.hasOwn(config.profiles, profile))
        throw new RangeError(
          `Cannot serve the profile "${profile}": the configuration has ${Object.keys(config.profiles).join(', ') || 'none'}`,
        )
      const { serveStdio } = await import('../mcp/stdio.ts')
      const door = serveStdio(box, { log, profile, stateKey: await instanceKey(config.dataFolder, 'request-state') })
      doors.add(door)
      return door
    },

    async close() {
      for (const door of doors) await door.close()
      await box.close()
    },
  }
}

function configOf(given: ConfigInput | string | undefined, options: LoadOptions): Promise<Config> | Config {
  if (typeof given === 'string') return readConfig({ kind: 'named', path: resolve(options.cwd, given), ignored: undefined }, options)
  return parseConfigData(given ?? {}, { kind: given === undefined ? 'embedded' : 'given', path: undefined, ignored: undefined }, options)
}
