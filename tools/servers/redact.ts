import type { HttpTransportOptions, StdioTransportOptions } from '../tool.ts'

/** Shorter values are words that stand everywhere, and would tear holes into every message. */
const shortestSecret = 6

/** Takes the configured values of a server (environment, headers, tokens) out of what it, or an error about it, says. */
export function createRedactor(
  transport: StdioTransportOptions | HttpTransportOptions,
  /** Of a login, as many as there are by now. */
  more: () => readonly string[] = () => [],
): (text: string) => string {
  const values =
    transport.kind === 'stdio'
      ? Object.values(transport.env)
      : [...Object.values(transport.headers), transport.oauth?.clientSecret ?? '', ...secretsOf(transport.url)]
  const secrets = values
    .flatMap((value) => [value, value.replace(/^(Bearer|Basic) /i, '')])
    .filter((value) => value.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
  return (text) => [...more(), ...secrets].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
}

function secretsOf(url: string): string[] {
  const { username, password, searchParams } = new URL(url)
  return [username, password, ...searchParams.values()]
}
