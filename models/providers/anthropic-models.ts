/** What a generation of Claude no longer takes. Names put the family before the version since Claude 4; other models behind the format take all. */
export interface AnthropicQuirks {
  /** From Opus 4.7 on, sampling parameters are answered with a 400 ("`temperature` is deprecated for this model"). */
  temperature: boolean
  /** The 5.5 models refuse a forced `tool_choice`. */
  forcedTools: boolean
  /** From Opus 4.1 and the 4.5 models on, `output_config.format` holds an answer to a schema. */
  schema: boolean
}

export function quirksOf(model: string): AnthropicQuirks {
  const version = versionOf(model)
  if (version === undefined) return { temperature: !/fable|mythos/.test(model), forcedTools: true, schema: /fable|mythos/.test(model) }
  return { temperature: version < 4.7, forcedTools: version < 5.5, schema: version >= 4.5 || (version >= 4.1 && model.includes('opus')) }
}

/** `claude-opus-4-7` is 4.7, `claude-sonnet-5` is 5, `claude-sonnet-4-20250514` is 4, `claude-3-5-haiku` is 3.5. */
function versionOf(model: string): number | undefined {
  const found = /claude-(?:(?:opus|sonnet|haiku)-)?(\d)(?:[-.](\d)(?!\d))?/.exec(model)
  return found?.[1] === undefined ? undefined : Number(`${found[1]}.${found[2] ?? 0}`)
}
