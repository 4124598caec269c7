import type { WriteOptions } from '../../memory/index.ts'
import type { Taint } from '../../models/taint.ts'
import { type PermissionDecision, type ToolOperation, taintNames } from '../../policies/index.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { recordCall, shapeOf } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { guardRule } from './guard-browser.ts'
import { toolCallsRule } from './guard-tool-call.ts'
import { commitmentRule } from './permit.ts'
import type { Services } from './services.ts'
import { keepIfPossible } from './without-memory.ts'

/** Rules whose reasons differ from call to call. */
const explained = new Set([guardRule, commitmentRule, toolCallsRule])

export interface AuditedCall {
  ruled(ruling: PermissionDecision): void
  started(): void
  /** The first end counts. */
  ended(outcome: string, options?: WriteOptions): Promise<void>
}

/** Notes one call for the owner, from its beginning to its end, whatever that is. */
export function beginAudit(
  services: Pick<Services, 'config' | 'store' | 'now' | 'log'>,
  tool: HostedTool,
  args: Readonly<Record<string, unknown>>,
  calling: {
    readonly scope: { readonly caller: Caller }
    readonly operation: ToolOperation
    readonly taint: () => Taint
    readonly thread?: string | undefined
    readonly decision?: string | undefined
  },
): AuditedCall {
  const { scope, operation, thread, decision } = calling
  const { principal, roles, door, client, profile } = scope.caller
  const taint = taintNames(calling.taint())
  let startedAt = services.now()
  let ruling: PermissionDecision | undefined
  let isOver = false

  return {
    ruled(made) {
      ruling = made
    },
    started() {
      startedAt = services.now()
    },
    async ended(outcome, options) {
      if (isOver) return
      isOver = true
      const given = ruling?.arguments ?? args
      const record = {
        principal,
        roles,
        door,
        client: client?.name,
        profile,
        tool: tool.name,
        server: tool.server,
        hash: tool.hash,
        operation,
        thread,
        decision,
        arguments: services.config().audit.arguments === 'values' ? given : shapeOf(given),
        taint,
        verdict: ruling?.verdict ?? ('none' as const),
        rule: ruling?.rule,
        ...(ruling !== undefined && explained.has(ruling.rule) && ruling.verdict !== 'allow' && { why: ruling.why }),
        ...(ruling !== undefined && ruling.changes.length > 0 && { changes: ruling.changes }),
        outcome,
        ms: services.now() - startedAt,
      }
      await keepIfPossible(services, `the call of ${tool.name} for the audit`, () => recordCall(services.store, record, options))
    },
  }
}
