import { findSecrets, type SecretFinding, type SecretScan } from './secrets.ts'

/**
 * As `findSecrets`, with the key formats of some thirty services beside it that secretlint keeps. It takes half a millisecond a page of
 * text; what must not wait takes `findSecrets` alone.
 */
export async function findKeys(text: string): Promise<SecretScan> {
  const own = findSecrets(text)
  // A text that tells the linter to look away is looked at all the same.
  const content = text.replaceAll(/secretlint-(?=disable|enable)/gi, 'secretlint_')
  const { lintSource, config } = await loadLinter()
  const { messages } = await lintSource({
    source: { filePath: 'text', content, contentType: 'text' },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  })
  const others = messages
    .map(({ range: [start, end] }): SecretFinding => ({ kind: 'service-key', group: 'secret', start, end, checked: false }))
    .filter(({ start, end }) => end > start && !own.findings.some((one) => one.start < end && one.end > start))
  return { ...own, findings: [...own.findings, ...others].toSorted((a, b) => a.start - b.start) }
}

let loading: ReturnType<typeof load> | undefined

/** At the first text and not before: most processes never look at one. */
function loadLinter() {
  loading ??= load()
  return loading
}

async function load() {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ])
  return { lintSource, config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] } }
}
