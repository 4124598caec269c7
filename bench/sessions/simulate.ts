import type { Deployment } from '../../models/deployment.ts'
import type { Message } from '../../models/message.ts'
import { costOf } from '../../models/prices.ts'
import { cacheRuleOf, cutTo, expectUsage, type SeenPrefixes, warmTokens, withPrompt } from '../../models/prompt-cache.ts'
import type { Question } from './outcomes.ts'
import type { Session, SessionStep } from './session.ts'

/** What a router is shown of a step: nothing that was not there before it was sent. */
export interface StepView {
  readonly session: Session
  readonly step: SessionStep
  readonly index: number
  /** The newest messages, those of this step last. */
  readonly history: readonly Message[]
  /** The question that stands for the turn that the step belongs to. */
  readonly question: Question
}

export interface Choice {
  readonly model: string
  /** Why a running loop left its model; `null` where it did not, or where nothing was said. */
  readonly brokenBy: string | null
  readonly gainUsd?: number | undefined
}

/** Decides one session, step by step. */
export interface Router {
  choose(view: StepView): Promise<Choice> | Choice
}

export interface ServedStep {
  readonly view: StepView
  readonly choice: Choice
  readonly usd: number
  /** Of the prompt's tokens, those that were read from a cache. */
  readonly readTokens: number
}

/** Messages that a router sees at most. */
const shownMessages = 40

/**
 * Runs a session through a router, with a prompt cache for each model as its provider keeps it: what was sent there last is read
 * until its lifetime is over, all else is written; a conversation that was summed up keeps its head alone.
 */
export async function simulate(
  session: Session,
  router: Router,
  { deployments, questions }: { deployments: ReadonlyMap<string, Deployment>; questions: readonly Question[] },
): Promise<ServedStep[]> {
  const served: ServedStep[] = []
  const history: Message[] = []
  let seen: SeenPrefixes = {}
  let question = questions[0] as Question

  for (const [index, step] of session.steps.entries()) {
    if (step.draw !== null) question = questions[Math.floor(step.draw * questions.length)] ?? question
    history.push(...step.incoming)
    if (step.compacted) seen = cutTo(seen, session.headTokens)
    const view: StepView = { session, step, index, history: history.slice(-shownMessages), question }
    const choice = await router.choose(view)
    const deployment = deployments.get(choice.model)
    if (deployment?.price == null) throw new RangeError(`Cannot price a step at ${choice.model}`)
    const cache = cacheRuleOf(deployment)
    const readTokens = warmTokens(cache, seen[choice.model], step.promptTokens, step.at)
    const usd = costOf(expectUsage(cache, step.promptTokens, readTokens, step.outputTokens), deployment.price)
    seen = withPrompt(seen, choice.model, step.promptTokens, step.at)
    served.push({ view, choice, usd, readTokens })
  }
  return served
}
