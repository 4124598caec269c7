/** The first message of an MCP client, to see whether a program that was installed answers. */
export const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'signalbox-scripts', version: '1' } },
})

/** @param {string} output what the program wrote */
export function isAnswered(output) {
  return JSON.parse(output.trim().split('\n')[0] || '{}').result?.serverInfo?.name === 'signalbox'
}
