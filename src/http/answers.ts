import { ProtocolErrorCode } from '@modelcontextprotocol/server'

/** A refusal in the shape that its path speaks: JSON-RPC below `/mcp`, plain JSON elsewhere. */
export function refuse(path: string, status: number, message: string, headers: Record<string, string> = {}): Response {
  const isMcp = path === '/mcp' || path.startsWith('/mcp/')
  const code = status === 400 ? ProtocolErrorCode.ParseError : -32000
  const body = isMcp ? { jsonrpc: '2.0', error: { code, message }, id: null } : { error: { message, status } }
  return Response.json(body, { status, headers })
}
