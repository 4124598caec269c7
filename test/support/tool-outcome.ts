import type { ToolOutcome } from '../../tools/learning/outcome.ts'
import type { HostedTool } from '../../tools/tool.ts'

/** A call that served a need in that direction of the plane. */
export function toolOutcome(tool: HostedTool | undefined, angle: number, more: Partial<ToolOutcome> = {}): ToolOutcome {
  return {
    need: { vector: Float32Array.of(Math.cos(angle), Math.sin(angle)), words: [] },
    tool: tool?.name ?? '',
    hash: tool?.hash ?? '',
    class: 'accepted',
    source: 'harness',
    principal: 'one',
    at: 0,
    propensity: 1,
    tainted: false,
    ...more,
  }
}
