import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeFolder, type Surroundings, settingsFolder } from '../../config/folders.ts'

/** An MCP client whose own file can name servers to start. */
export interface ClientFile {
  readonly name: string
  readonly title: string
  readonly path: string
  /** The member that holds the servers by name. */
  readonly servers: 'mcpServers' | 'servers'
  /** Whether an entry says how it is spoken to. */
  readonly typed: boolean
  /** Whether the client has left traces on this machine. */
  readonly found: boolean
}

export const clientNames = ['claude-desktop', 'claude-code', 'vscode', 'cursor'] as const

/** Where each client keeps its servers on this platform. */
export function clientFiles(surroundings: Surroundings): ClientFile[] {
  const home = homeFolder(surroundings)
  const settings = settingsFolder(surroundings)
  const claudeCode = surroundings.env['CLAUDE_CONFIG_DIR'] || home
  const desktop = join(settings, 'Claude', 'claude_desktop_config.json')
  const code = join(claudeCode, '.claude.json')
  const vscode = join(settings, 'Code', 'User', 'mcp.json')
  const cursor = join(home, '.cursor', 'mcp.json')
  return [
    {
      name: 'claude-desktop',
      title: 'Claude Desktop',
      path: desktop,
      servers: 'mcpServers',
      typed: false,
      found: existsSync(dirname(desktop)),
    },
    {
      name: 'claude-code',
      title: 'Claude Code',
      path: code,
      servers: 'mcpServers',
      typed: true,
      found: existsSync(code) || existsSync(join(home, '.claude')),
    },
    { name: 'vscode', title: 'VS Code', path: vscode, servers: 'servers', typed: true, found: existsSync(dirname(vscode)) },
    { name: 'cursor', title: 'Cursor', path: cursor, servers: 'mcpServers', typed: false, found: existsSync(dirname(cursor)) },
  ]
}

export interface Registration {
  /** Absolute, like the two that follow: a client has a search path and a current folder of its own. */
  readonly node: string
  readonly script: string
  readonly config: string
  /** `SIGNALBOX_HOME`, where it is set: a client does not pass on the variables of this shell. */
  readonly dataFolder: string | undefined
}

/** What a client has to start. */
export function clientEntry({ typed }: ClientFile, { node, script, config, dataFolder }: Registration): Record<string, unknown> {
  return {
    ...(typed && { type: 'stdio' }),
    command: node,
    args: [script, 'serve', '--stdio', '--config', config],
    ...(dataFolder !== undefined && { env: { SIGNALBOX_HOME: dataFolder } }),
  }
}
