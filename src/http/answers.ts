interface RefusalOptions {
  readonly headers?: Record<string, string> | undefined
  /** Of JSON-RPC; the one for errors of a server's own is what is not said otherwise. */
  readonly code?: number | undefined
}

/** A refusal in the shape that its path speaks: JSON-RPC below `/mcp`, plain JSON elsewhere. */
export function refuse(path: string, status: number, message: string, { headers = {}, code = -32000 }: RefusalOptions = {}): Response {
  const isMcp = path === '/mcp' || path.startsWith('/mcp/')
  const body = isMcp ? { jsonrpc: '2.0', error: { code, message }, id: null } : { error: { message, status } }
  return Response.json(body, { status, headers })
}
