/** Reasoning models answer a temperature with a 400 ("Unsupported parameter"). */
export function takesTemperature(model: string): boolean {
  return !/(?:^|\/)(?:gpt-[5-9]|o\d)/.test(model)
}
