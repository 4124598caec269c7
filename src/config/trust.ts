import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createPrivateFolder, writePrivateFile } from './private-file.ts'

const recordSchema = z.strictObject({
  trusted: z.array(z.strictObject({ path: z.string(), sha256: z.string(), at: z.string() })),
})

type TrustRecord = z.infer<typeof recordSchema>

export type Trust = 'trusted' | 'changed' | 'unknown'

/** What the user has trusted: each file by its real path and the SHA-256 of its content, so that an edit asks again. */
export function trustRecordFile(dataFolder: string): string {
  return join(dataFolder, 'trusted.json')
}

/** Records that this file may start commands, open URLs and read variables: as it is, or with the content that a person was shown. */
export async function trustConfig(path: string, dataFolder: string, shown?: Uint8Array): Promise<{ path: string; sha256: string }> {
  const real = await realpath(path)
  const entry = { path: real, sha256: sha256(shown ?? (await readFile(real))), at: new Date().toISOString() }
  const record = await readRecord(dataFolder)
  const trusted = [...record.trusted.filter((one) => one.path !== real), entry]
  await createPrivateFolder(dataFolder)
  await writePrivateFile(trustRecordFile(dataFolder), `${JSON.stringify({ trusted }, null, 2)}\n`)
  return { path: real, sha256: entry.sha256 }
}

/** Whether content that was read from a file is what the user trusted there. Hash and parse the same bytes. */
export async function trustOf(path: string, content: Uint8Array, dataFolder: string): Promise<Trust> {
  const real = await realpath(path)
  const { trusted } = await readRecord(dataFolder)
  const entry = trusted.find((one) => one.path === real)
  if (entry === undefined) return 'unknown'
  return entry.sha256 === sha256(content) ? 'trusted' : 'changed'
}

/** A record that cannot be read trusts nothing: it fails closed, and `signalbox trust` writes a new one. */
async function readRecord(dataFolder: string): Promise<TrustRecord> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(trustRecordFile(dataFolder), 'utf8')))
  } catch {
    return { trusted: [] }
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
