import type { Catalogue } from '../../tools/tool.ts'
import type { Config } from '../config/config.ts'
import type { Reach } from '../reach.ts'
import { createAsk } from './ask.ts'
import { createCallTool } from './call-tool.ts'
import { createCheckAction } from './check-action.ts'
import { createFindTools } from './find-tools.ts'
import { createFitImage } from './fit-image.ts'
import { createGetAnswer } from './get-answer.ts'
import { createForget, createRecall, createRemember } from './memory.ts'
import { createNextAction } from './next-action.ts'
import type { Operation } from './operation.ts'
import { createPlanStep } from './plan-step.ts'
import { createRate } from './rate.ts'
import type { Services } from './services.ts'
import { createStatus } from './status.ts'
import { createForkThread, createThreads } from './threads.ts'

/** Names that no hosted tool may take, since a client would see two of them. */
export function operationNames({ pools }: Pick<Config, 'pools'>): string[] {
  const fixed = ['ask', 'get_answer', 'plan_step', 'find_tools', 'call_tool', 'call_tool_write', 'next_action', 'check_action', 'fit_image']
  const memory = ['remember', 'recall', 'threads', 'fork_thread', 'forget', 'rate', 'status']
  return [...fixed, ...memory, ...pools.map((pool) => `ask_${pool.name}`)]
}

/** All operations in the order in which clients see them. */
export function createOperations(services: Services, catalogue: Catalogue, reach: Reach): Operation[] {
  const exposed = services.pools().filter((pool) => pool.expose && reach.pool(pool.name))
  return [
    createAsk(services),
    ...exposed.map((pool) => createAsk(services, pool)),
    createGetAnswer(services),
    createPlanStep(services),
    createFindTools(services, catalogue),
    createCallTool(services, false),
    createCallTool(services, true),
    createNextAction(services),
    createCheckAction(services),
    createFitImage(services),
    createRemember(services),
    createRecall(services),
    createThreads(services),
    createForkThread(services),
    createForget(services),
    createRate(services),
    createStatus(services),
  ]
}
