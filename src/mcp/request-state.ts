import { randomBytes } from 'node:crypto'
import { createRequestStateCodec, type RequestStateCodec, type ServerContext } from '@modelcontextprotocol/server'
import { grantOf } from './caller.ts'

/** What a client carries from a question to its answer: signed, readable, and of no use to another principal or method. */
export interface Parked {
  /** The handle of the run that waits. */
  readonly run: string
  /** What was asked for: a retry that names something else is refused. */
  readonly target: string
  /** Makes each question's state its own. */
  readonly round: string
}

export type RequestState = RequestStateCodec<Parked>

export function createRequestState(key: Uint8Array = randomBytes(32)): RequestState {
  return createRequestStateCodec<Parked>({ key, bind: (ctx: ServerContext) => `${ctx.mcpReq.method}\0${grantOf(ctx).principal}` })
}
