import type { Message } from '../../models/message.ts'

/** One request of an agent's work to a model, with what had come in since the request before. */
export interface SessionStep {
  /** Milliseconds since the session began. */
  readonly at: number
  readonly promptTokens: number
  readonly outputTokens: number
  /** In order: what the model said and called, and what tools or the person answered. */
  readonly incoming: readonly Message[]
  /** The conversation was summed up just before: of the earlier prompt only the head still begins this one. */
  readonly compacted: boolean
  /** What happened in the newest results, as the source itself says, read by no signal. */
  readonly trouble: 'error' | 'critical' | null
  /** How far one look at this step alone is off the difficulty of its turn: standard normal, for routers that read step by step. */
  readonly jitter: number
  /** Of a person's turn, 0–1: which question of the outcome data stands for it. */
  readonly draw: number | null
}

export interface Session {
  readonly id: string
  readonly kind: 'recorded' | 'interactive' | 'task' | 'service'
  /** The model that served every step, and that no step in trouble may fall below. */
  readonly model: string
  /** Tokens of system text and tools: what stays the same for the whole session. */
  readonly headTokens: number
  readonly steps: readonly SessionStep[]
}
