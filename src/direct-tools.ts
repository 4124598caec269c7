import type { HostedTool } from '../tools/tool.ts'
import { fitResult } from './operations/fit-result.ts'
import { callHosted } from './operations/hosted-call.ts'
import { handleAfterMs } from './operations/long.ts'
import { isAllowed } from './operations/permission.ts'
import { withWarnings } from './operations/result.ts'
import type { Services } from './operations/services.ts'
import { blocksOf } from './operations/tool-content.ts'
import type { DirectTools } from './signalbox.ts'

/**
 * The tools of `expose: direct` servers: shown, confirmed and bounded by the same rules as those behind `call_tool`.
 *
 * A client refuses a result without the structured content that a tool has promised. Where that was too large to send,
 * the text, which says where the rest is, comes as an error; so does what is not as it was promised.
 */
export function createDirectTools(services: Services): DirectTools {
  return {
    shows: (tool: HostedTool, viewer) => isAllowed(services, tool, viewer),
    call: async (tool, args, scope) => {
      const { raw, warnings, hasDrifted } = await callHosted(services, tool, args, { scope, door: 'call' })
      const { structuredContent, ...text } = raw
      const bare =
        blocksOf(raw).length > 0 || structuredContent === undefined
          ? text
          : { ...text, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] }
      // What is promised in fields is sent in fields.
      const options = { condensed: tool.outputSchema === undefined }
      const result = withWarnings(await fitResult(services, hasDrifted ? bare : raw, scope.caller, scope.signal, options), warnings)
      const isBroken = tool.outputSchema !== undefined && result.structured === undefined && result.isError !== true
      return isBroken ? { ...result, isError: true } : result
    },
    handleAfterMs: (caller) => handleAfterMs(services, caller, undefined),
  }
}
