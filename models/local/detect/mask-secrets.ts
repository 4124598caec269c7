import { findSecrets, type SecretFinding } from './secrets.ts'

/** A text with the name of its kind in the place of each key and password, and those kinds. */
export function maskSecrets(text: string): { text: string; kinds: SecretFinding['kind'][] } {
  const secrets = findSecrets(text).findings.filter(({ group }) => group === 'secret')
  const kinds: SecretFinding['kind'][] = []
  let kept = ''
  let from = 0
  for (const { start, end, kind } of secrets.toSorted((left, right) => left.start - right.start)) {
    if (start < from) continue
    kept += `${text.slice(from, start)}[${kind}]`
    kinds.push(kind)
    from = end
  }
  return { text: kept + text.slice(from), kinds }
}
