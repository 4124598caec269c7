/** The kinds of actions that have consequences for a person, by the names that policies use for them: the union of what the vendors publish. */
export const consequences = [
  'purchase',
  'send',
  'delete',
  'permission',
  'credential',
  'install',
  'subscribe',
  'account',
  'terms',
  'system',
  'medical',
  'captcha',
  'sensitive',
  'bypass',
  'upload',
  'login',
  'rename',
  'browser-permission',
  'age',
  'prompt',
] as const
export type Consequence = (typeof consequences)[number]
