import type { Metric } from './metric.ts'

/*
 * Every metric there is. Names and buckets follow the conventions of OpenTelemetry where it has any (`gen_ai_*`, `mcp_*`, `http_*`),
 * written as Prometheus writes them: dots as underscores, the unit behind.
 */

/** Of the conventions for calls of models, tools and MCP, in seconds. */
const operationSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const firstChunkSeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const tokenCounts = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]
const httpSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** What Signalbox itself adds. */
const ownSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

function counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Metric<Label> {
  return { name, type: 'counter', help, labels }
}

function gauge<Label extends string>(name: string, help: string, labels: readonly Label[]): Metric<Label> {
  return { name, type: 'gauge', help, labels }
}

function histogram<Label extends string>(name: string, help: string, labels: readonly Label[], buckets: readonly number[]): Metric<Label> {
  return { name, type: 'histogram', help, labels, buckets }
}

function ofOwner<Label extends string>(metric: Metric<Label>): Metric<Label> {
  return { ...metric, owner: true }
}

const ofModel = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const

/** Calls of models: each attempt that was sent. */
export const tokenUsage = ofOwner(
  histogram('gen_ai_client_token_usage', 'Tokens of one call of a model', [...ofModel, 'gen_ai_token_type'], tokenCounts),
)
export const operationDuration = ofOwner(
  histogram(
    'gen_ai_client_operation_duration_seconds',
    'From the beginning of one call of a model to its end',
    [...ofModel, 'error_type'],
    operationSeconds,
  ),
)
export const firstChunk = ofOwner(
  histogram(
    'gen_ai_client_operation_time_to_first_chunk_seconds',
    'From the beginning of one call of a model to the first content of its answer',
    ofModel,
    firstChunkSeconds,
  ),
)
export const cacheTokens = ofOwner(
  counter('signalbox_prompt_cache_tokens_total', 'Input tokens that a provider read from, or wrote to, its prompt cache', [
    'model',
    'direction',
  ]),
)
export const spend = ofOwner(counter('signalbox_spend_usd_total', 'Dollars of calls whose price is known', ['model']))
export const unpriced = ofOwner(counter('signalbox_unpriced_calls_total', 'Calls whose price nobody knows', ['model']))
export const attempts = ofOwner(
  counter(
    'signalbox_attempts_total',
    'Attempts on a deployment by their end: answered, the kind of the failure, or why it was not called (cooling, probing, budget)',
    ['model', 'end'],
  ),
)

/** Steps on the line. */
export const steps = ofOwner(
  counter(
    'signalbox_steps_total',
    'Steps by their end: answered, kept (an earlier answer was given), refused by the policy, failed, left',
    ['kind', 'pool', 'end'],
  ),
)
export const rules = ofOwner(counter('signalbox_rule_decisions_total', 'Steps by the rule that decided', ['policy', 'rule']))
export const holds = counter('signalbox_holds_total', 'Steps that could keep a model: whether they did, and what broke the hold if not', [
  'held',
  'broken_by',
])
export const planDuration = histogram(
  'signalbox_plan_duration_seconds',
  'From the step to its plan: recall, signals and policy',
  ['kind'],
  ownSeconds,
)
export const signalDuration = histogram('signalbox_signal_duration_seconds', 'One signal of one step', ['signal'], ownSeconds)
export const answersLookedUp = counter(
  'signalbox_answer_cache_total',
  'Steps for which a kept answer was looked for, by what was found: exact, semantic, none',
  ['found'],
)
export const redactions = counter('signalbox_redactions_total', 'Values that a model got placeholders for, by kind', ['kind'])

/** Tools. */
export const toolCalls = ofOwner(
  counter('signalbox_tool_calls_total', 'Calls of hosted tools by how they ended, as in the audit', ['server', 'outcome']),
)
export const toolDuration = ofOwner(
  histogram('gen_ai_execute_tool_duration_seconds', 'One call of a hosted tool that was run', ['server', 'error_type'], operationSeconds),
)
export const guardVerdicts = counter(
  'signalbox_guard_verdicts_total',
  'What guards said: tools (allow, confirm, deny), results (clean, orders), computer (allow, confirm, deny, reobserve)',
  ['guard', 'verdict'],
)

/** Doors. */
export const mcpDuration = ofOwner(
  histogram(
    'mcp_server_operation_duration_seconds',
    'One MCP request; of tools our own are named, the others that a client sees itself are together: direct',
    ['mcp_method_name', 'gen_ai_tool_name', 'error_type'],
    operationSeconds,
  ),
)
export const httpRequests = counter('signalbox_http_requests_total', 'HTTP requests answered', ['path', 'status'])
export const httpDuration = histogram(
  'http_server_request_duration_seconds',
  'One HTTP request to the end of its answer',
  ['http_request_method', 'http_route', 'http_response_status_code'],
  httpSeconds,
)

export const spans = counter('signalbox_spans_total', 'Spans that were sent to a collector, or dropped', ['end'])

/** What is so at the moment of asking. */
export const httpInFlight = gauge('signalbox_http_in_flight', 'HTTP responses being written', [])
export const mcpSessions = gauge('signalbox_mcp_sessions', 'Open MCP sessions (2025-11-25)', [])
export const runsActive = gauge('signalbox_runs_active', 'Runs under way in this process', [])
export const approvalsWaiting = gauge('signalbox_approvals_waiting', 'Calls that wait for a person', [])
export const models = ofOwner(
  gauge('signalbox_models', 'Models by pool and state of their breaker: ready, cooling, half-open', ['pool', 'model', 'state']),
)
export const modelsInFlight = ofOwner(gauge('signalbox_model_in_flight', 'Calls that a model was sent and has not ended', ['model']))
export const toolServers = gauge('signalbox_tool_servers', 'Hosted servers by phase', ['phase'])
export const toolServerUp = ofOwner(
  gauge('signalbox_tool_server_up', 'Whether a hosted server can be called: ready, or stopped because nobody used it', ['server']),
)
export const serverRestarts = ofOwner(
  counter('signalbox_tool_server_restarts_total', 'Starts of a hosted server after it had failed', ['server']),
)
export const serverQueue = ofOwner(
  gauge('signalbox_tool_server_requests', 'Requests to a hosted server: running, or waiting for a place', ['server', 'state']),
)
export const tools = gauge('signalbox_tools', 'Hosted tools', [])
export const toolsEmbedded = gauge('signalbox_tools_embedded', 'Hosted tools that are found by meaning', [])
export const resultCache = counter('signalbox_result_cache_calls_total', 'Calls that a kept result might have answered: hit, miss', [
  'found',
])
export const spentToday = gauge('signalbox_spent_today_usd', 'Dollars of this UTC day that count against the budget, all principals', [])
export const budgetToday = gauge('signalbox_budget_usd_per_day', 'Dollars a UTC day that may be spent; absent without a budget', [])
export const memoryBytes = gauge('signalbox_memory_bytes', 'Size of the database', [])
export const memoryEntries = gauge('signalbox_memory_entries', 'What the database holds, by kind', ['kind'])
export const residentMemory = gauge('process_resident_memory_bytes', 'Resident memory', [])
export const cpuSeconds = counter('process_cpu_seconds_total', 'Processor time, user and system', [])
export const startTime = gauge('process_start_time_seconds', 'When the process started, since the epoch', [])
export const uptime = gauge('process_uptime_seconds', 'Seconds since the process started', [])
export const heapUsed = gauge('nodejs_heap_size_used_bytes', 'Heap in use', [])
export const loopDelay = gauge(
  'nodejs_eventloop_delay_seconds',
  'How late the event loop came since the metrics were last asked for: p50, p99, max',
  ['at'],
)
export const build = gauge('signalbox_build_info', 'Always 1', ['version', 'node'])

export const allMetrics: readonly Metric<string>[] = [
  tokenUsage,
  operationDuration,
  firstChunk,
  cacheTokens,
  spend,
  unpriced,
  attempts,
  steps,
  rules,
  holds,
  planDuration,
  signalDuration,
  answersLookedUp,
  redactions,
  toolCalls,
  toolDuration,
  guardVerdicts,
  mcpDuration,
  httpRequests,
  httpDuration,
  spans,
  httpInFlight,
  mcpSessions,
  runsActive,
  approvalsWaiting,
  models,
  modelsInFlight,
  toolServers,
  toolServerUp,
  serverRestarts,
  serverQueue,
  tools,
  toolsEmbedded,
  resultCache,
  spentToday,
  budgetToday,
  memoryBytes,
  memoryEntries,
  residentMemory,
  cpuSeconds,
  startTime,
  uptime,
  heapUsed,
  loopDelay,
  build,
]
