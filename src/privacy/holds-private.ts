import { findSecrets } from '../../models/local/detect/index.ts'
import type { Policy } from '../../policies/index.ts'
import { privacyOf } from './privacy.ts'

/** Whether a key or password stands in one of the texts, or something that the policy keeps from models: it is kept for nobody to be given again. */
export async function holdsPrivate(policy: Policy, texts: readonly string[]): Promise<boolean> {
  if (texts.some((text) => findSecrets(text).findings.some(({ group }) => group === 'secret'))) return true
  const guard = policy.default.guards?.privacy
  if (guard === undefined || guard.redact === 'never') return false
  const privacy = privacyOf(guard)
  for (const text of texts) if (await privacy.finds(text)) return true
  return false
}
