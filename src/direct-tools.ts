import type { HostedTool } from '../tools/tool.ts'
import { fitResult } from './operations/fit-result.ts'
import { callHosted, isAllowed } from './operations/hosted-call.ts'
import { handleAfterMs } from './operations/long.ts'
import type { Services } from './operations/services.ts'
import type { DirectTools } from './signalbox.ts'

/** The tools of `expose: direct` servers: shown, confirmed and bounded by the same rules as those behind `call_tool`. */
export function createDirectTools(services: Services): DirectTools {
  return {
    shows: (tool: HostedTool, profile) =>
      isAllowed(tool, { principal: 'local', door: 'stdio', profile, capabilities: {} }, services.config()),
    call: async (tool, args, scope) => {
      const raw = await callHosted(services, tool, args, { scope, door: 'call' })
      return fitResult(services, raw, scope.caller, scope.signal)
    },
    handleAfterMs: (caller) => handleAfterMs(services, caller, undefined),
  }
}
