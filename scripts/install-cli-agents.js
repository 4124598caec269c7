// Installs the command-line agents that test/product/cli-agents.test.ts runs, in the versions it was made for, into the folder that
// SIGNALBOX_CLI_AGENTS names: `SIGNALBOX_CLI_AGENTS=FOLDER node scripts/install-cli-agents.js`. They come to 1.2 GB.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand } from './npm.js'

const folder = process.env['SIGNALBOX_CLI_AGENTS']
if (!folder) {
  process.stderr.write('Cannot install the agents: SIGNALBOX_CLI_AGENTS must name a folder\n')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const dependencies = { '@anthropic-ai/claude-code': '2.1.332', '@openai/codex': '0.171.0', 'opencode-ai': '1.18.33' }
// Two of them fetch their program in a script.
const allowScripts = { '@anthropic-ai/claude-code': true, 'opencode-ai': true }
writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, allowScripts }))
const { program, args, shell } = npmCommand(['install', '--no-audit', '--no-fund'])
process.exitCode = spawnSync(program, args, { cwd: folder, shell, stdio: 'inherit' }).status ?? 1
