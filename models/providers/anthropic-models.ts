/** What a generation of Claude no longer takes. Names put the family before the version since Claude 4; other models behind the format take all. */
export interface AnthropicQuirks {
  /** From Opus 4.7 on, sampling parameters are answered with a 400 ("`temperature` is deprecated for this model"). */
  temperature: boolean
  /** The 5.5 models refuse a forced `tool_choice`. */
  forcedTools: boolean
  /** From Opus 4.1 and the 4.5 models on, `output_config.format` holds an answer to a schema. */
  schema: boolean
  /** From Opus 4.1 on, `temperature` and `top_p` together are answered with a 400. */
  bothSamplings: boolean
  /** `manual` has a budget of tokens; from the 4.6 models on, the model decides (`adaptive`), and an effort steers it. */
  thinking: 'none' | 'manual' | 'adaptive'
  /** From Opus 4.7 on, a budget of tokens is answered with a 400. */
  thinkingBudget: boolean
  /** The models before 4.6 know no effort. */
  effort: boolean
  /** From the 5 models on, thinking is on unless it is switched off; Fable and Mythos refuse that. */
  switchesThinkingOff: boolean
  /** From Opus 4.7 on there is an effort above `high` that is not `max`. */
  extraHighEffort: boolean
}

export function quirksOf(model: string): AnthropicQuirks {
  const version = versionOf(model)
  if (version === undefined) {
    const isClaude = /fable|mythos/.test(model)
    return {
      ...{ temperature: !isClaude, forcedTools: true, schema: isClaude, bothSamplings: !isClaude },
      ...{ thinking: isClaude ? 'adaptive' : 'manual', thinkingBudget: !isClaude, switchesThinkingOff: false },
      ...{ effort: true, extraHighEffort: isClaude },
    }
  }
  return {
    temperature: version < 4.7,
    forcedTools: version < 5.5,
    schema: version >= 4.5 || (version >= 4.1 && model.includes('opus')),
    bothSamplings: version < 4.1,
    thinking: version < 3.7 ? 'none' : version < 4.6 ? 'manual' : 'adaptive',
    thinkingBudget: version < 4.7,
    effort: version >= 4.6,
    switchesThinkingOff: version >= 5,
    extraHighEffort: version >= 4.7,
  }
}

/** `claude-opus-4-7` is 4.7, `claude-sonnet-5` is 5, `claude-sonnet-4-20250514` is 4, `claude-3-5-haiku` is 3.5. */
function versionOf(model: string): number | undefined {
  const found = /claude-(?:(?:opus|sonnet|haiku)-)?(\d)(?:[-.](\d)(?!\d))?/.exec(model)
  return found?.[1] === undefined ? undefined : Number(`${found[1]}.${found[2] ?? 0}`)
}
