import type { Deployment } from '../../models/deployment.ts'
import type { Message } from '../../models/message.ts'
import type { RelayRequest } from '../../models/provider.ts'

/** What a plan and a retry make of a request that passes through. */
export interface PassageChanges {
  /** The most that the deployment may answer, where the request asks for more or its rule sets it. */
  readonly maxOutputTokens: number | undefined
  readonly temperature: number | undefined
  /** Names of the offered tools that the policy leaves; `undefined`: all. */
  readonly tools: ReadonlySet<string> | undefined
  readonly withoutReasoning: boolean
  /** What the model is told behind everything else. */
  readonly note: string | undefined
  /** What the rule sets of the headers for the provider. */
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** A request that came over the wire: to a deployment of its own format it goes as it came, to others in our vocabulary. */
export interface Passage {
  /** The wire format that it came in. */
  readonly format: string
  /**
   * For a deployment of the same format: the original bytes, but for what must be another for this one. `undefined` where they lack
   * what this one must have back, so that it goes there in our vocabulary.
   */
  relay(deployment: Deployment, changes: PassageChanges): RelayRequest | undefined
  /** For a deployment of another format: reasoning is given back to the model that minted it, and to no other. */
  attribute(messages: readonly Message[], deployment: Deployment): readonly Message[]
}
