import type { FailureRule } from './failure.ts'

/** What Anthropic and servers that speak its format say when they refuse (`failure.ts` says how a line is put together). */
export const anthropicFailures: readonly FailureRule[] = [
  {
    kind: 'auth',
    pattern: /\b(?:authentication_error|permission_error|billing_error)\b/,
    sample: '401 authentication_error: invalid x-api-key',
  },
  {
    kind: 'auth',
    pattern: /credit balance is too low/i,
    sample: '400 invalid_request_error: Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
  },
  {
    kind: 'auth',
    pattern: /\b\w*spend_limit_reached\b/,
    sample: '429 rate_limit_error contract_spend_limit_reached: The organization has reached its spend limit.',
  },
  {
    kind: 'not_found',
    pattern: /\bnot_found_error\b/,
    sample: '404 not_found_error: model: claude-nowhere',
  },
  {
    kind: 'input_too_long',
    pattern: /prompt is too long|\brequest_too_large\b/i,
    sample: '400 invalid_request_error: prompt is too long: 208656 tokens > 200000 maximum',
  },
  {
    kind: 'input_too_long',
    pattern: /exceeds? (?:the )?(?:model )?context (?:limit|window)/i,
    sample: '400 invalid_request_error: input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
  },
  {
    kind: 'input_too_long',
    pattern: /exceeded model token limit/i,
    sample: '400 invalid_request_error: Invalid request: Your request exceeded model token limit: 262144 (requested: 275363)',
  },
  {
    kind: 'content_filter',
    pattern: /blocked by content filtering policy/i,
    sample: '400 invalid_request_error: Output blocked by content filtering policy',
  },
  {
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /[Ii]nvalid `?signature`? in `?thinking`?/,
    sample: '400 invalid_request_error: messages.1.content.0: Invalid `signature` in `thinking` block',
  },
  {
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /Expected `thinking` or `redacted_thinking`/,
    sample: '400 invalid_request_error: messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
  },
  {
    kind: 'bad_request',
    code: 'reasoning_refused',
    pattern: /blocks in the latest assistant message cannot be modified/,
    sample: '400 invalid_request_error: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
  },
  {
    kind: 'bad_request',
    code: 'computer_tool_refused',
    pattern: /does not support tool types: (?:\w+, )*computer_(?:toolset_)?\d{8}/,
    sample:
      "400 invalid_request_error: 'claude-sonnet-4-6' does not support tool types: computer_20250124. Did you mean one of bash_20250124?",
  },
  {
    kind: 'bad_request',
    code: 'computer_tool_refused',
    pattern: /Input tag 'computer_(?:toolset_)?\d{8}' found using 'type'/,
    sample:
      "400 invalid_request_error: tools.0: Input tag 'computer_toolset_20260801' found using 'type' does not match any of the expected tags",
  },
  {
    kind: 'bad_request',
    code: 'computer_tool_refused',
    pattern: /`computer-use-\d{4}-\d\d-\d\d`.* for the `anthropic-beta` header/,
    sample:
      '400 invalid_request_error: Unexpected value(s) `computer-use-2025-04-29` for the `anthropic-beta` header. Please consult our documentation',
  },
  {
    kind: 'rate_limit',
    pattern: /\brate_limit_error\b/,
    sample: 'rate_limit_error: Number of request tokens has exceeded your per-minute rate limit',
  },
  {
    kind: 'unavailable',
    pattern: /\b(?:overloaded_error|api_error|timeout_error)\b/,
    sample: '529 overloaded_error: Overloaded',
  },
  {
    kind: 'bad_request',
    pattern: /^(?:invalid_request_error)\b/,
    sample: 'invalid_request_error: shape: Extra inputs are not permitted',
  },
]
