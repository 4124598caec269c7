import type { IncomingMessage } from 'node:http'

/** The headers of a request, by their names in lower case. Of those that come several times Node has joined all that may be. */
export function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}
