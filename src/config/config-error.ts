export interface ConfigIssue {
  /** Dotted path of the key, as the file spells it; empty for the file as a whole. */
  readonly path: string
  /** The rule and what was received, never a secret. Reads on from the path: `must be …, received …`. */
  readonly message: string
}

/** A configuration that cannot run, with everything that is wrong with it: for the person who starts Signalbox. Never crosses the wire. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'config_invalid'
  /** The file, or what else was being read. */
  readonly source: string
  readonly issues: readonly ConfigIssue[]

  constructor(source: string, issues: readonly ConfigIssue[], options?: { cause?: unknown }) {
    const lines = issues.map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
    super(
      lines.length === 1 ? `Cannot use ${source}: ${lines[0]}` : `Cannot use ${source}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
      options,
    )
    this.source = source
    this.issues = issues
  }
}
