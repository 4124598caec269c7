import type { Config } from './config.ts'

/** Everything in a configuration that a log line must never show. */
export function secretsOf(config: Config): string[] {
  return secretsAmong([
    config.http.token,
    ...config.http.tokens.map(({ token }) => token),
    config.embedder?.apiKey,
    config.computer.pictures?.encoder.kind === 'endpoint' ? config.computer.pictures.encoder.apiKey : undefined,
    ...Object.values(config.telemetry.headers),
    ...config.providers.map((provider) => provider.apiKey),
    ...config.servers.flatMap(({ transport }) => Object.values(transport.kind === 'http' ? transport.headers : transport.env)),
    ...config.servers.map(({ transport }) => (transport.kind === 'http' ? transport.oauth?.clientSecret : undefined)),
  ])
}

/** Values with and without the word before a key. Short ones are left out: they are words, not secrets. */
export function secretsAmong(values: readonly (string | undefined)[]): string[] {
  return values
    .filter((value) => value !== undefined)
    .flatMap((value) => [value, value.replace(/^(Bearer|Basic|Token)\s+/i, '')])
    .filter((value, index, all) => value.length >= 8 && all.indexOf(value) === index)
}
