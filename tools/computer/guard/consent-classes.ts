import { type Consequence, consequences } from '../../../models/computer/consequence.ts'

/**
 * How far a person has to be asked: the person does it, is asked each time, has said so in the task, or is not asked.
 * The union of what the vendors of computer use publish.
 */
export type ConsentTier = 'handover' | 'confirm' | 'task' | 'none'

export const consentClasses = consequences
export type ConsentClass = Consequence

interface ConsentKind {
  readonly tier: ConsentTier
  /** What an action of the class does, after "this". */
  readonly does: string
}

export const consentKinds: Readonly<Record<ConsentClass, ConsentKind>> = {
  purchase: { tier: 'confirm', does: 'spends or moves money' },
  send: { tier: 'confirm', does: 'sends, posts or submits something' },
  delete: { tier: 'confirm', does: 'deletes data' },
  permission: { tier: 'confirm', does: 'changes who may do what, or makes a key' },
  credential: { tier: 'handover', does: 'changes or uses a password or another credential' },
  install: { tier: 'confirm', does: 'installs or runs software' },
  subscribe: { tier: 'confirm', does: 'begins or changes a subscription' },
  account: { tier: 'confirm', does: 'creates an account' },
  terms: { tier: 'confirm', does: 'accepts terms or gives consent' },
  system: { tier: 'confirm', does: 'changes the system, its network or its security' },
  medical: { tier: 'confirm', does: 'is about health care' },
  captcha: { tier: 'confirm', does: 'answers a test that asks for a human' },
  sensitive: { tier: 'confirm', does: 'gives away sensitive data' },
  bypass: { tier: 'handover', does: 'passes a security warning or a paywall' },
  upload: { tier: 'task', does: 'uploads a file' },
  login: { tier: 'task', does: 'logs in' },
  rename: { tier: 'task', does: 'moves or renames something' },
  'browser-permission': { tier: 'task', does: 'lets a site use the device' },
  age: { tier: 'task', does: 'states an age' },
  prompt: { tier: 'task', does: 'answers a question whether this is really wanted' },
}

const tiers: readonly ConsentTier[] = ['none', 'task', 'confirm', 'handover']

export function strictestTier(all: readonly ConsentTier[]): ConsentTier {
  return all.reduce((worst, one) => (tiers.indexOf(one) > tiers.indexOf(worst) ? one : worst), 'none' as ConsentTier)
}
