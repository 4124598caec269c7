/**
 * Whether a provider that names this model serves what was asked for. `undefined`: it does not say.
 *
 * Providers answer with dated names (`gpt-5-2025-08-07` for `gpt-5`) and local servers with tags. Any other part of a name
 * makes another model of it: `gpt-5-mini` is not `gpt-5`.
 */
export function isServedAs(asked: string, served: string | undefined): boolean {
  return served === undefined || plainName(served) === plainName(asked)
}

/** The name after the last slash, without date or tag. `claude-sonnet-4-0` and `claude-sonnet-4-20250514` are one model. */
function plainName(name: string): string {
  const [last = name] = name.toLowerCase().split('/').slice(-1)
  return last
    .replaceAll('.', '-')
    .replace(/[-:]latest$/, '')
    .replace(/(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-\d{4})$/, '')
    .replace(/-0$/, '')
}
