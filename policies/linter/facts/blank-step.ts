import { noTaint } from '../../../models/taint.ts'
import type { Step } from '../../step.ts'

/** A step of which nothing special is known: what a witness starts from. */
export const blankStep: Step = {
  kind: 'user_turn',
  mode: 'chat',
  text: '',
  principal: 'local',
  thread: undefined,
  client: undefined,
  inputTokens: 0,
  requiredTokens: 0,
  maxOutputTokens: 0,
  modalities: ['text'],
  images: 0,
  messages: 1,
  toolsOffered: 0,
  toolCalls: 0,
  toolLoop: false,
  openToolCalls: 0,
  toolErrors: 0,
  compacted: false,
  computerUse: false,
  previousModel: undefined,
  askedPool: undefined,
  askedModel: undefined,
  maxCostUsd: undefined,
  imageUrls: false,
  taint: noTaint,
  history: [],
  roles: [],
  metadata: {},
}
