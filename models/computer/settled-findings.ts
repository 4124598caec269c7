/** Findings that only ask a person, because of what is shown or likely, and that a policy may settle beforehand. What is denied by construction is not among them. */
export const settledFindings = [
  'foreign-domain',
  'ip-address',
  'private-address',
  'unusual-port',
  'punycode',
  'copied-untrusted',
  'rule-of-two',
  'loop',
  'no-change',
  'malicious_instructions',
  'irrelevant_domain',
  'sensitive_domain',
  'require_confirmation',
] as const
