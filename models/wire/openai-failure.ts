import type { ClientFailure } from './client-format.ts'

export interface OpenAIError {
  message: string
  type: string
  param: string | null
  code: string | null
}

/** The kinds that OpenAI's own packages and the agents built on them know. */
export function openaiError({ status, message, type, code, field }: ClientFailure): OpenAIError {
  const known = kindOf(status)
  return { message, type: type ?? known.type, param: field ?? null, code: code ?? known.code }
}

function kindOf(status: number): { type: string; code: string | null } {
  if (status === 401) return { type: 'authentication_error', code: 'invalid_api_key' }
  if (status === 402) return { type: 'insufficient_quota', code: 'insufficient_quota' }
  if (status === 403) return { type: 'permission_error', code: null }
  if (status === 429) return { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
  if (status >= 500) return { type: 'server_error', code: status === 503 || status === 529 ? 'server_overloaded' : 'server_error' }
  return { type: 'invalid_request_error', code: null }
}
