import { z } from 'zod'
import { kindName } from '../kind-name.ts'
import { budget } from './budget.ts'
import { complexity } from './complexity.ts'
import { context } from './context.ts'
import { conversation } from './conversation.ts'
import { callerRisk, sessionRisk } from './cumulative-risk.ts'
import { domain } from './domain.ts'
import { embedding } from './embedding.ts'
import { factCheck } from './fact-check.ts'
import { feedback } from './feedback.ts'
import { hazard } from './hazard.ts'
import { httpClassifier } from './http-classifier.ts'
import { injection } from './injection.ts'
import { jailbreak } from './jailbreak.ts'
import { keyword } from './keyword.ts'
import { knowledgeBase } from './knowledge-base.ts'
import { language } from './language.ts'
import { mcpClassifier } from './mcp-classifier.ts'
import { memoryEvidence } from './memory-evidence.ts'
import { metadata } from './metadata.ts'
import { modality } from './modality.ts'
import { pii } from './pii.ts'
import { poolState } from './pool-state.ts'
import { preference } from './preference.ts'
import { reAsk } from './re-ask.ts'
import { role } from './role.ts'
import type { Signal, SignalKind, SignalSurroundings } from './signal.ts'
import { size } from './size.ts'
import { stage } from './stage.ts'
import { stall } from './stall.ts'
import { structure } from './structure.ts'
import { time } from './time.ts'
import { toolFailures } from './tool-failures.ts'
import { toolLoop } from './tool-loop.ts'
import { trainedHead } from './trained-head.ts'
import { turn } from './turn.ts'

/** Every kind of signal that a policy can name. */
export const signalKinds = [
  size,
  modality,
  turn,
  toolLoop,
  role,
  metadata,
  context,
  conversation,
  memoryEvidence,
  toolFailures,
  budget,
  time,
  poolState,
  keyword,
  structure,
  language,
  reAsk,
  stage,
  stall,
  embedding,
  domain,
  complexity,
  feedback,
  factCheck,
  pii,
  jailbreak,
  injection,
  sessionRisk,
  callerRisk,
  hazard,
  preference,
  knowledgeBase,
  trainedHead,
  httpClassifier,
  mcpClassifier,
] as const

export const signalSchema = z.discriminatedUnion('kind', schemasOf(signalKinds))
export type SignalOptions = z.output<typeof signalSchema>

const byKind = new Map(signalKinds.map((one) => [one.schema.shape.kind.value as string, one as unknown as SignalKind]))

/** With kinds of somebody else's beside ours, whose options are then known to their own schema alone. */
export function signalSchemaWith(own: readonly SignalKind[]): typeof signalSchema {
  return z.discriminatedUnion('kind', [
    ...schemasOf(signalKinds),
    ...own.map(({ schema }) => schema),
  ] as never) as unknown as typeof signalSchema
}

export const signalKindNames: readonly string[] = [...byKind.keys()]

export function createSignal(
  name: string,
  options: SignalOptions,
  surroundings: SignalSurroundings,
  own: readonly SignalKind[] = [],
): Signal {
  const kind = byKind.get(options.kind) ?? own.find((one) => kindName(one) === options.kind)
  if (kind === undefined) throw new Error(`Cannot make the signal "${name}": there is no kind "${options.kind}"`)
  return kind.create(name, options, surroundings)
}

function schemasOf<const Kinds extends readonly SignalKind[]>(all: Kinds) {
  return all.map(({ schema }) => schema) as unknown as { readonly [Index in keyof Kinds]: Kinds[Index]['schema'] }
}
