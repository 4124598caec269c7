import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { metadataSchema } from '../../policies/metadata.ts'
import { UsageError } from './failures.ts'
import type { Terminal } from './terminal.ts'

const maxBytes = 20_000_000

/** Repeated options of commander: `--file a --file b`. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** Repeated options such as `--meta team=search`. */
export function keyValue(option: string): (value: string, before?: Readonly<Record<string, string>>) => Record<string, string> {
  return (value, before = {}) => {
    const [, key, text] = /^([^=]+)=([\s\S]*)$/.exec(value) ?? []
    if (key === undefined || text === undefined) throw new UsageError(`${option} must be key=value, received "${value}"`)
    const all = metadataSchema.safeParse({ ...before, [key]: text })
    if (!all.success) throw new UsageError(`${option} ${all.error.issues.map(({ message }) => message).join('; ')}`)
    return all.data
  }
}

/** A whole number of an option. Anything else is a usage error that names the option. */
export function wholeNumber(option: string): (value: string) => number {
  return (value) => {
    if (!/^\d{1,15}$/.test(value)) throw new UsageError(`${option} must be a whole number, received "${value}"`)
    return Number(value)
  }
}

/** An amount of dollars, or another number from 0 on. */
export function amount(option: string): (value: string) => number {
  return (value) => {
    if (!/^\d{1,9}(\.\d+)?$/.test(value)) throw new UsageError(`${option} must be a number such as 0.25, received "${value}"`)
    return Number(value)
  }
}

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time, in milliseconds. */
export function duration(option: string): (value: string) => number {
  return (value) => {
    const [, amountOf, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
    if (amountOf === undefined) throw new UsageError(`${option} must be a time such as 90s, 30m, 12h or 7d, received "${value}"`)
    return Number(amountOf) * unitsMs[unit as keyof typeof unitsMs]
  }
}

/** What was given as an argument, or on stdin when the argument is `-` or left out on a pipe. */
export async function textArgument(argument: string | undefined, what: string, terminal: Terminal): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument
  if (argument === undefined && terminal.stdin.isTTY === true)
    throw new UsageError(`${what} is missing: give it as an argument or on stdin`)
  const text = (await readAll(terminal)).trim()
  if (text === '') throw new UsageError(`${what} is missing: stdin was empty`)
  return text
}

async function readAll({ stdin, signal }: Terminal): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    signal.throwIfAborted()
    const buffer = Buffer.from(chunk as Uint8Array | string)
    bytes += buffer.length
    if (bytes > maxBytes) throw new UsageError(`stdin must hold at most ${maxBytes} bytes`)
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Whoever types a path at the terminal may read it: the file is sent by content, so `images.roots` does not come into it. */
export async function fileContent(path: string, { cwd }: Terminal): Promise<{ name: string; bytes: Buffer }> {
  const full = resolve(cwd, path)
  const facts = await stat(full).catch((cause: unknown) => {
    throw new UsageError(`Cannot read ${path}: there is no such file, or it may not be read`, { cause })
  })
  if (!facts.isFile()) throw new UsageError(`Cannot read ${path}: it must be a regular file`)
  if (facts.size > maxBytes) throw new UsageError(`Cannot read ${path}: it must have at most ${maxBytes} bytes, received ${facts.size}`)
  return { name: basename(full), bytes: await readFile(full) }
}
