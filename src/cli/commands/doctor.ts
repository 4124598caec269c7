import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { dataFolder } from '../../config/folders.ts'
import { loadConfig } from '../../config/load.ts'
import { secretsOf } from '../../config/secrets.ts'
import { createLog } from '../../log.ts'
import { checkBox } from '../doctor/box.ts'
import { type Finding, fail } from '../doctor/finding.ts'
import { checkAccess, checkConfigFile, checkDataFolder, checkImages, checkNode, checkPort } from '../doctor/machine.ts'
import { checkLocalProviders, checkPools } from '../doctor/models.ts'
import { FailedError } from '../failures.ts'
import { logAsked } from '../log-asked.ts'
import { surroundingsOf } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('check everything that can be wrong, and say how to mend it')
    .action(async (_options: unknown, command: Command) => doctor(command.optsWithGlobals<GlobalOptions>(), terminal))
}

async function doctor(options: GlobalOptions, terminal: Terminal): Promise<void> {
  const findings = await examine(options, terminal)
  const failed = findings.filter((finding) => finding.state === 'fail').length
  if (options.json === true) printJson(terminal, { well: failed === 0, findings })
  else printText(terminal, inWords(findings))
  if (failed > 0) throw new FailedError(`${failed} of ${findings.length} checks failed`, { printed: true })
}

/** All checks that can be made: one that fails keeps only those from being made that stand on it. */
async function examine(options: GlobalOptions, terminal: Terminal): Promise<Finding[]> {
  const surroundings = surroundingsOf(terminal)
  const findings = [checkNode(process.version), await checkImages()]
  let config: Config
  try {
    findings.push(...(await checkDataFolder(dataFolder(surroundings))))
    config = await loadConfig({ ...surroundings, path: options.config })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const mend = 'correct it; "signalbox config schema" and your editor help'
    return [...findings, ...error.issues.map(({ path, message }) => fail('configuration', `${error.source}: ${path} ${message}`, mend))]
  }
  findings.push(...(await checkConfigFile(config)), ...checkPools(config), ...(await checkLocalProviders(config, terminal.signal)))
  findings.push(await checkPort(config.http), checkAccess(config.http), ...(await examineBox(config, options, terminal)))
  return findings
}

async function examineBox(config: Config, options: GlobalOptions, terminal: Terminal): Promise<Finding[]> {
  const asked = logAsked(options, terminal)
  const log = createLog({ level: asked.level ?? 'silent', format: asked.format, stream: terminal.stderr })
  log.hide(secretsOf(config))
  try {
    const signalbox = await terminal.openSignalbox(config, { log })
    try {
      return await checkBox(signalbox, terminal)
    } finally {
      await signalbox.close()
    }
  } catch (error) {
    terminal.signal.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    return [fail('signalbox', `it cannot be opened: ${message}`, 'the message names what to mend; --log-level debug says more')]
  }
}

function inWords(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ state, check, message, mend }) => [
    [state, check, message],
    ...(mend === undefined ? [] : [['', '', `-> ${mend}`]]),
  ])
  return table(rows)
}
