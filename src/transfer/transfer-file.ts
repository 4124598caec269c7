import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { z } from 'zod'
import { version } from '../version.ts'
import { linesOf } from './lines.ts'
import { type TransferPart, transferParts } from './part-names.ts'
import { TransferError } from './parts.ts'

/** Of the lines between head and end; another form of them is another number. */
const format = 1

const headSchema = z.looseObject({
  signalbox_export: z.int().min(1),
  version: z.string().max(40),
  schema: z.int().min(0),
  at: z.string().max(40),
  parts: z.array(z.string().max(40)).max(40),
})
const endSchema = z.strictObject({ lines: z.int(), sha256: z.string() })
const lineSchema = z.looseObject({ part: z.enum(transferParts) })

export type TransferLine = z.infer<typeof lineSchema>

const refuse = (path: string, reason: string) => new TransferError(`Cannot import ${path}: ${reason}`)

/**
 * Writes an export: a head with versions, a line of JSON for each thing, an end with the number of lines and the SHA-256 of all
 * before it. The file appears when it is whole, and only its owner can read it.
 *
 * @param secrets are written as `[hidden]`, wherever they stand.
 * @throws {TransferError} If there is such a file already.
 */
export async function writeTransfer(
  path: string,
  lines: AsyncIterable<TransferLine>,
  { schema, parts, secrets }: { schema: number; parts: readonly TransferPart[]; secrets: readonly string[] },
): Promise<Partial<Record<TransferPart, number>>> {
  if (existsSync(path)) throw new TransferError(`Cannot export to ${path}: it is there already; name another file`)
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(unfinished, 'wx', 0o600)
  try {
    const counts = await writeLines(file, lines, { schema, parts, hide: hidden(secrets) })
    await file.sync()
    await file.close()
    await rename(unfinished, path)
    return counts
  } catch (error) {
    await file.close()
    await rm(unfinished, { force: true })
    throw error
  }
}

async function writeLines(
  file: FileHandle,
  lines: AsyncIterable<TransferLine>,
  { schema, parts, hide }: { schema: number; parts: readonly TransferPart[]; hide: (text: string) => string },
): Promise<Partial<Record<TransferPart, number>>> {
  const hash = createHash('sha256')
  const write = async (line: unknown) => {
    const text = `${hide(JSON.stringify(line))}\n`
    hash.update(text)
    await file.write(text)
  }
  const counts: Partial<Record<TransferPart, number>> = {}
  let all = 0
  await write({ signalbox_export: format, version, schema, at: new Date().toISOString(), parts })
  for await (const line of lines) {
    await write(line)
    all += 1
    counts[line.part] = (counts[line.part] ?? 0) + 1
  }
  await file.write(`${JSON.stringify({ lines: all, sha256: hash.digest('hex') })}\n`)
  return counts
}

function hidden(secrets: readonly string[]): (text: string) => string {
  // As they stand in JSON. Longest first: one may hold another.
  const inJson = secrets.map((secret) => JSON.stringify(secret).slice(1, -1)).toSorted((left, right) => right.length - left.length)
  return (text) => inJson.reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text)
}

/** Whether a file begins like an export of everything; one that cannot be read does not. */
export async function isTransfer(path: string): Promise<boolean> {
  try {
    for await (const line of readLines(path)) return headOf(line) !== undefined
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
  }
  return false
}

/**
 * Reads an export twice: once to see that it is whole and of a version that is known here, then for its lines.
 *
 * @throws {TransferError} Before anything is given, if it is not.
 */
export async function openTransfer(
  path: string,
  { schema: known }: { schema: number },
): Promise<{ parts: readonly TransferPart[]; lines(): AsyncGenerator<TransferLine> }> {
  const hash = createHash('sha256')
  let head: z.infer<typeof headSchema> | undefined
  let before: string | undefined
  let all = -1
  for await (const line of readLines(path)) {
    if (head === undefined) head = headOf(line) ?? fail(path, 'it is no export of Signalbox')
    // What an end says of the lines before it, and nothing after it.
    if (before !== undefined) {
      hash.update(`${before}\n`)
      all += 1
    }
    before = line
  }
  if (head === undefined) throw refuse(path, 'it is empty')
  const { version: by, signalbox_export: written, schema, parts } = head
  if (written > format || schema > known)
    throw refuse(
      path,
      `Signalbox ${by} wrote it (format ${written}, schema ${schema}), and this one, ${version}, knows ${format} and ${known}; update Signalbox`,
    )
  const last = before === undefined ? undefined : endSchema.safeParse(parsed(before))
  const end = last?.success === true ? last.data : undefined
  if (end === undefined) throw refuse(path, 'its end is missing; copy it again')
  if (end.lines !== all || end.sha256 !== hash.digest('hex'))
    throw refuse(path, `its checksum does not fit: it was changed or cut (${all} lines, ${end.lines} were written)`)

  return {
    parts: transferParts.filter((part) => parts.includes(part)),
    async *lines() {
      let number = 0
      for await (const line of readLines(path)) {
        number += 1
        if (number === 1 || number > all + 1) continue
        const found = lineSchema.safeParse(parsed(line))
        if (!found.success) throw refuse(path, `line ${number} is of no known part`)
        yield found.data
      }
    },
  }
}

function fail(path: string, reason: string): never {
  throw refuse(path, reason)
}

function headOf(line: string): z.infer<typeof headSchema> | undefined {
  return headSchema.safeParse(parsed(line)).data
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

async function* readLines(path: string): AsyncGenerator<string> {
  try {
    yield* linesOf(path)
  } catch (error) {
    throw refuse(path, error instanceof Error ? error.message : String(error))
  }
}
