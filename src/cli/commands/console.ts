import type { Command } from 'commander'
import { instanceToken } from '../../config/instance-token.ts'
import { httpDoors } from '../../instance/http-door.ts'
import { consoleUrl } from '../console-url.ts'
import { openConfig } from '../open-box.ts'
import { openPage } from '../open-page.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import { codeFrom } from '../running.ts'
import type { Terminal } from '../terminal.ts'
import { serveOverHttp } from './serve.ts'

interface ConsoleOptions extends GlobalOptions {
  readonly open: boolean
}

export function addConsole(program: Command, terminal: Terminal): void {
  program
    .command('console')
    .description('open the console in a browser: of the HTTP server that runs, or of one that this command starts')
    .option('--no-open', 'print the address, and open no browser')
    .action(async (_options: unknown, command: Command) => openConsole(command.optsWithGlobals<ConsoleOptions>(), terminal))
}

/** The address that is printed holds the token; the browser is handed one that is good once, as its arguments are no secret. */
async function openConsole(options: ConsoleOptions, terminal: Terminal): Promise<void> {
  const { config } = await openConfig(terminal, options, 'warn')
  const token = await instanceToken(config.dataFolder)
  const show = async (url: string, code: string | undefined) => {
    const address = consoleUrl(url, token)
    if (options.json === true) printJson(terminal, { url, console: address })
    else printText(terminal, address)
    if (options.open && code !== undefined) openPage(consoleUrl(url, code), terminal.platform)
  }
  for (const url of httpDoors(config.dataFolder)) {
    const code = await codeFrom(url, token, terminal.signal)
    if (code !== undefined) return show(url, code)
  }
  note(terminal, 'No HTTP server of Signalbox runs on this data: starting one. Ctrl-C ends it')
  await serveOverHttp(true, options, terminal, async (url) =>
    show(url, options.open ? await codeFrom(url, token, terminal.signal) : undefined),
  )
}
