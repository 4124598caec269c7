import { join, resolve } from 'node:path'
import type { ArchiveRecord } from '../../../memory/index.ts'
import { instanceToken } from '../../config/instance-token.ts'
import { type TransferPart, transferParts } from '../../transfer/part-names.ts'
import { recordOf, selections } from '../../transfer/parts.ts'
import { exportSettings, importFile, sayableSecrets } from '../../transfer/settings.ts'
import { openTransfer, type TransferLine, writeTransfer } from '../../transfer/transfer-file.ts'
import { UsageError } from '../failures.ts'
import { openConfig, surroundingsOf } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export interface TransferOptions extends GlobalOptions {
  readonly what?: readonly TransferPart[] | undefined
}

/** Everything of this instance into one file, for another place or another day. */
export async function exportAll(file: string, { what = transferParts, ...options }: TransferOptions, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const { openSqliteArchive } = await import('../../../memory/index.ts')
  const archive = await openSqliteArchive({ path: join(config.dataFolder, 'signalbox.db') })
  const progress = createProgressLine(terminal)
  try {
    const settings = await exportSettings(config, what)
    let done = 0
    async function* lines(): AsyncGenerator<TransferLine> {
      yield* settings.lines
      for (const part of what) {
        const selection = selections[part]
        if (selection === undefined) continue
        for await (const record of archive.read(selection)) {
          terminal.signal.throwIfAborted()
          if (++done % 1000 === 0) progress.count(done, undefined, `lines, now ${part}`)
          yield { part, record }
        }
      }
    }
    const path = resolve(terminal.cwd, file)
    const secrets = [...sayableSecrets(config), await instanceToken(config.dataFolder)]
    const counts = await writeTransfer(path, lines(), { schema: archive.schema, parts: what, secrets })
    progress.clear()
    const { variables, left } = settings
    if (options.json === true) return printJson(terminal, { path, counts, variables, left })
    printText(terminal, `Wrote ${path}: ${what.map((part) => `${part} ${counts[part] ?? 0}`).join(', ')}`)
    for (const { key, variable } of variables) note(terminal, `Left out: the value of ${key}; set ${variable} where it is imported`)
    for (const one of left) note(terminal, `Left out: ${one}`)
  } finally {
    progress.clear()
    await archive.close()
  }
}

export async function importAll(path: string, { what, ...options }: TransferOptions, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const { openSqliteArchive, withoutLiftedTrust } = await import('../../../memory/index.ts')
  const archive = await openSqliteArchive({ path: join(config.dataFolder, 'signalbox.db') })
  const progress = createProgressLine(terminal)
  try {
    const { parts, lines } = await openTransfer(path, archive)
    const missing = what?.filter((part) => !parts.includes(part)) ?? []
    if (missing.length > 0) throw new UsageError(`--what must name parts of the file (${parts.join(', ')}), received ${missing.join(', ')}`)
    const wanted = what ?? parts
    const files: Awaited<ReturnType<typeof importFile>>[] = []
    let seen = 0
    async function* records(): AsyncGenerator<ArchiveRecord> {
      for await (const { part, file, record } of lines()) {
        terminal.signal.throwIfAborted()
        if (++seen % 1000 === 0) progress.count(seen, undefined, 'lines')
        if (!wanted.includes(part)) continue
        if (file !== undefined) files.push(await importFile(file, config, surroundingsOf(terminal)))
        else yield withoutLiftedTrust(recordOf(part, record))
      }
    }
    const { added, skipped } = await archive.write(records())
    progress.clear()
    if (options.json === true) return printJson(terminal, { added, skipped, files })
    printText(terminal, `Imported ${wanted.join(', ')}: ${added} entries, ${skipped} were there already`)
    for (const { path: written, outcome } of files) note(terminal, outcomes[outcome](written))
  } finally {
    progress.clear()
    await archive.close()
  }
}

const outcomes = {
  written: (path: string) => `Wrote ${path}: read it before you use it, a configuration may start programs`,
  same: (path: string) => `${path} is the same already`,
  different: (path: string) => `Left ${path} as it is: it differs from the export; move it away and import again to have the other`,
}
