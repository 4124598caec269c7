import type { Classification, ClassifyCall } from '../policies/signals/signal.ts'
import type { RawResult, ToolHost } from '../tools/tool.ts'
import { classificationSchema, jsonOf } from './classify.ts'
import { effectOf } from './operations/permission.ts'
import { blocksOf } from './operations/tool-content.ts'

const owner = 'local'

/**
 * Asks hosted tools, as the owner: a policy is the owner's, whosever step it looks at.
 *
 * A tool that is not known to be read-only is not called: a signal is read at each step, and no person is asked before it.
 */
export function createClassifyTool(host: Pick<ToolHost, 'loaded' | 'find' | 'call'>): (call: ClassifyCall) => Promise<Classification> {
  return async ({ tool: name, arguments: args, signal }) => {
    const refuse = (message: string) => new Error(`Cannot ask the tool "${name}": ${message}`)
    await host.loaded()
    const tool = host.find(name)
    if (tool === undefined) throw refuse('no hosted tool is called so')
    if (tool.quarantined !== undefined) throw refuse('its definition is held back until a person accepts it')
    if (effectOf(tool) !== 'read') throw refuse('it is not known to be read-only')
    const raw = await host.call(name, args, { principal: owner, signal })
    if (raw['isError'] === true) throw refuse('it failed')
    const answer = classificationSchema.safeParse(raw['structuredContent'] ?? jsonOf(textOf(raw)))
    if (!answer.success) throw refuse('its result must be {"label": text, "confidence": 0 to 1}')
    return answer.data
  }
}

function textOf(raw: RawResult): string {
  return blocksOf(raw)
    .filter(({ type }) => type === 'text')
    .map(({ text }) => String(text))
    .join('')
}
