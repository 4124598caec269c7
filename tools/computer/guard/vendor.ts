import type { SafetyCheck } from '../../../models/computer/format.ts'
import type { Finding } from './verdict.ts'

/** What a vendor's own checks ask for. None of them is acknowledged here: that is a person's word, or a line of the policy. */
export function checkVendor(checks: readonly SafetyCheck[]): readonly Finding[] {
  return checks.map(({ vendor, code, message }) => {
    const known = knownCodes[code]
    return {
      layer: 'vendor',
      // A word that nobody knows is not taken for a mild one.
      verdict: known === undefined ? 'deny' : 'confirm',
      code: code.slice(0, 60),
      reason: `${vendor} asks to have this confirmed: ${known ?? readable(message)}`,
    }
  })
}

const knownCodes: Readonly<Record<string, string>> = {
  malicious_instructions: 'the screen seems to hold instructions against the person',
  irrelevant_domain: 'the page seems to have nothing to do with the task',
  sensitive_domain: 'the page is a sensitive one',
  require_confirmation: 'the action has consequences',
}

function readable(message: string): string {
  return message.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, ' ').slice(0, 200)
}
