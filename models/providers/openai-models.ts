/** Reasoning models answer a temperature with a 400 ("Unsupported parameter"). */
export function takesTemperature(model: string): boolean {
  return !/(?:^|\/)(?:gpt-[5-9]|o\d)/.test(model)
}

/** Models that never reason answer the wish for their encrypted reasoning with a 400 ("Encrypted content is not supported with this model"). */
export function mayReason(model: string): boolean {
  return !/gpt-[34]|chatgpt|gpt-5.*-chat/.test(model)
}
