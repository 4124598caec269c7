import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { MemoryExport } from '../../../memory/index.ts'
import { textOf } from '../../../models/message.ts'
import { linesOf } from '../../transfer/lines.ts'
import { transferParts } from '../../transfer/part-names.ts'
import { UsageError } from '../failures.ts'
import { withMemory } from '../open-memory.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import type { TransferOptions } from './transfer-all.ts'

const principal = 'local'
const what = new Option('--what <parts...>', 'only these parts').choices(transferParts)

export function addExport(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .description('everything into a file, without secrets; or, without a file, what was remembered and said, to read')
    .argument('[file]', 'where to write everything')
    .addOption(what)
    .addOption(new Option('--format <format>', 'what to write without a file').choices(['jsonl', 'markdown']).default('jsonl'))
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<TransferOptions & { readonly format: 'jsonl' | 'markdown' }>()
      if (file !== undefined) {
        if (command.getOptionValueSource('format') === 'cli') throw new UsageError('--format is for export without a file')
        const { exportAll } = await import('./transfer-all.ts')
        return exportAll(file, options, terminal)
      }
      if (options.what !== undefined) throw new UsageError('--what needs a file to export to')
      const { exportMemory } = await import('../../../memory/index.ts')
      await withMemory(options, terminal, async (memories) => {
        for await (const line of exportMemory(memories, principal)) {
          printText(terminal, options.format === 'markdown' ? inMarkdown(line) : JSON.stringify(line))
        }
      })
    })
}

export function addImport(program: Command, terminal: Terminal): void {
  program
    .command('import')
    .description('take up an export, or the memory file of @modelcontextprotocol/server-memory; nothing that is there is replaced')
    .argument('<file>', 'an export, or JSON Lines')
    .addOption(what)
    .action(async (file: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<TransferOptions>()
      const path = resolve(terminal.cwd, file)
      const { isTransfer } = await import('../../transfer/transfer-file.ts')
      if (await isTransfer(path)) {
        const { importAll } = await import('./transfer-all.ts')
        return importAll(path, options, terminal)
      }
      if (options.what !== undefined) throw new UsageError(`--what is for an export of everything, which ${path} is not`)
      const { importMemory, parseImportedLine } = await import('../../../memory/index.ts')
      await withMemory(options, terminal, async (memories, setTime) => {
        const lines = async function* () {
          let number = 0
          for await (const line of readLines(path)) {
            number += 1
            if (line.trim() !== '') yield* parseImportedLine(line, number)
          }
        }
        const { memories: kept, threads, turns, skipped } = await importMemory(memories, principal, lines(), setTime)
        if (options.json === true) printJson(terminal, { memories: kept, threads, turns, skipped })
        else printText(terminal, `Imported ${kept} memories and ${threads} threads with ${turns} turns; ${skipped} were there already`)
      })
    })
}

async function* readLines(path: string): AsyncGenerator<string> {
  try {
    yield* linesOf(path)
  } catch (error) {
    throw new UsageError(`Cannot import ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function inMarkdown(line: MemoryExport): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  if (line.type === 'thread') return `\n## ${oneLine(line.thread.name ?? line.thread.title)}\n\n`
  if (line.type === 'turn') {
    const { speaker, role, at, trust, content } = line.turn
    return `**${speaker ?? role}**, ${day(at)}, ${trust}:\n\n${quoted(textOf(content))}\n\n`
  }
  const { text, createdAt, trust } = line.type === 'memory' ? line.memory : line.fact
  return `- ${oneLine(text)} (${day(createdAt)}, ${trust})`
}

/** What somebody said keeps its own marks, and makes no heading of the export. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
