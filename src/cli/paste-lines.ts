export interface PasteOptions {
  /** Of the HTTP server that runs now. */
  url: string
  /** The Node binary that the program runs under. */
  node: string
  program: string
}

/** What to paste into each client. They name the built program, never npm: its banner would break stdio. */
export function pasteLines({ url, node, program }: PasteOptions): string[] {
  const server = JSON.stringify({ mcpServers: { signalbox: { command: node, args: [program] } } })
  return [
    '\nConnect a client (or let `signalbox init` write it for you):',
    `  Claude Code      claude mcp add signalbox -- "${node}" "${program}"`,
    `  Claude Desktop   claude_desktop_config.json: ${server}`,
    `  Cursor           ~/.cursor/mcp.json: ${server}`,
    `  VS Code          code --add-mcp '${JSON.stringify({ name: 'signalbox', command: node, args: [program] })}'`,
    `  Codex            ~/.codex/config.toml: [mcp_servers.signalbox] command = ${JSON.stringify(node)}, args = [${JSON.stringify(program)}]`,
    `  anything on HTTP ${url}/mcp`,
  ]
}
