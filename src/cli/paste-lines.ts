export interface PasteOptions {
  /** Of the HTTP server that runs now. */
  url: string
  /** The Node binary that the program runs under. */
  node: string
  program: string
}

/** What to paste into each client. They name the built program, never npm: its banner would break stdio. */
export function pasteLines({ url, node, program }: PasteOptions): string[] {
  const mcp = `${url}/mcp`
  const stdio = JSON.stringify({ mcpServers: { signalbox: { command: node, args: [program] } } })
  return [
    '\nConnect a client to what runs here, while it runs:',
    `  Claude Code      claude mcp add --transport http signalbox ${mcp}`,
    `  VS Code          code --add-mcp '${JSON.stringify({ name: 'signalbox', type: 'http', url: mcp })}'`,
    `  Cursor           ~/.cursor/mcp.json: ${JSON.stringify({ mcpServers: { signalbox: { url: mcp } } })}`,
    `  Codex            ~/.codex/config.toml: [mcp_servers.signalbox] url = ${JSON.stringify(mcp)}`,
    '\nOr let it start one of its own, over stdio, with your own configuration (`npx signalbox init` writes it and these lines):',
    `  Claude Code      claude mcp add signalbox -- "${node}" "${program}"`,
    `  Claude Desktop   claude_desktop_config.json: ${stdio}`,
  ]
}
