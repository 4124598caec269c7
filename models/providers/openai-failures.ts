import type { FailureRule } from './failure.ts'

/** What OpenAI and the servers that speak its formats say when they refuse (`failure.ts` says how a line is put together). */
export const openaiFailures: readonly FailureRule[] = [
  {
    kind: 'auth',
    pattern: /\b(?:insufficient_quota|billing_hard_limit_reached|billing_not_active)\b/,
    sample: '429 insufficient_quota insufficient_quota: You exceeded your current quota, please check your plan and billing details.',
  },
  {
    kind: 'auth',
    pattern: /\binvalid_api_key\b/,
    sample: '401 invalid_request_error invalid_api_key: Incorrect API key provided.',
  },
  {
    kind: 'not_found',
    pattern: /\bmodel_not_found\b/,
    sample: '404 invalid_request_error model_not_found: The model `gpt-nowhere` does not exist or you do not have access to it.',
  },
  {
    // OpenRouter
    kind: 'not_found',
    pattern: /is not a valid model ID/i,
    sample: '400: vendor/nowhere is not a valid model ID',
  },
  {
    kind: 'input_too_long',
    pattern: /\b(?:context_length_exceeded|string_above_max_length)\b/,
    sample: "400 invalid_request_error context_length_exceeded: This model's maximum context length is 8192 tokens.",
  },
  {
    kind: 'input_too_long',
    pattern: /exceeds? the context window/i,
    sample: '400 invalid_request_error: Your input exceeds the context window of this model. Please adjust your input and try again.',
  },
  {
    // vLLM and many others that copy OpenAI's old wording, without its code.
    kind: 'input_too_long',
    pattern: /maximum (?:context|model) length (?:is|of) \d+/i,
    sample: "400 BadRequestError: This model's maximum context length is 16384 tokens. However, you requested 122946 tokens.",
  },
  {
    kind: 'input_too_long',
    pattern: /maximum (?:context|model) length (?:is|of) \d+/i,
    sample: '400 BadRequestError: The decoder prompt (length 9000) is longer than the maximum model length of 8192.',
  },
  {
    // llama.cpp
    kind: 'input_too_long',
    pattern: /exceeds? the available context size|exceed_context_size_error/i,
    sample: '400 exceed_context_size_error: the request exceeds the available context size, try increasing it',
  },
  {
    // LM Studio
    kind: 'input_too_long',
    pattern: /loaded with context length of only \d+ tokens/i,
    sample:
      '400: Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens, which is not enough.',
  },
  {
    // Kimi
    kind: 'input_too_long',
    pattern: /exceeded model token limit/i,
    sample: '400 invalid_request_error: Invalid request: Your request exceeded model token limit: 262144 (requested: 275363)',
  },
  {
    // A request that is larger than the limit a minute: waiting does not make it smaller.
    kind: 'input_too_long',
    pattern: /Request too large for/,
    sample: '429 tokens rate_limit_exceeded: Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 41321.',
  },
  {
    kind: 'content_filter',
    pattern:
      /\b(?:content_filter|content_policy_violation|bio_policy|cyber_policy|misalignment_policy_violation|image_content_policy_violation)\b/,
    sample: '400 content_filter: The response was filtered due to the prompt triggering the content management policy.',
  },
  {
    kind: 'content_filter',
    pattern: /flagged as potentially violating|content management policy/i,
    sample: '400 invalid_request_error invalid_prompt: Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
  },
  {
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /\binvalid_encrypted_content\b|encrypted content.*could not be (?:verified|decrypted|parsed)/i,
    sample: '400 invalid_request_error invalid_encrypted_content: The encrypted content could not be verified.',
  },
  {
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /of type 'reasoning' was provided without its required following item/,
    sample: "400 invalid_request_error: Item 'rs_1' of type 'reasoning' was provided without its required following item.",
  },
  {
    // Asked again without reasoning, the wish for its summary goes too.
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /must be verified to generate reasoning summaries/i,
    sample: '400 invalid_request_error unsupported_value: Your organization must be verified to generate reasoning summaries.',
  },
  {
    // Gemini behind its OpenAI-compatible URL.
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /thought_?signature/i,
    sample: '400 INVALID_ARGUMENT: Function call is missing a thought_signature in functionCall parts.',
  },
  {
    kind: 'rate_limit',
    pattern: /\brate_limit_exceeded\b/,
    sample: 'requests rate_limit_exceeded: Rate limit reached for requests',
  },
  {
    kind: 'unavailable',
    pattern: /\b(?:server_error|server_overloaded|slow_down)\b/,
    sample: 'server_error: The server had an error while processing your request.',
  },
  {
    kind: 'bad_request',
    pattern: /^(?:invalid_request_error|BadRequestError)\b/,
    sample: 'invalid_request_error unknown_parameter: Unknown parameter.',
  },
  {
    // In a stream there is no status: only the code says that the request was at fault.
    kind: 'bad_request',
    pattern:
      /^[^:]*\b(?:invalid_prompt|data_residency_mismatch|(?:unknown|missing_required|unsupported)_parameter|(?:invalid|unsupported)_(?:value|type)|\w*image\w*):/,
    sample: 'error unknown_parameter: Unknown parameter.',
  },
]
