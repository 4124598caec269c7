import type { Step } from '../../step.ts'

export type StepCounts = Pick<Step, 'messages' | 'toolsOffered' | 'toolCalls' | 'toolErrors' | 'images'>

/** What a predictor is told of a step beside its text and vector. */
export function stepFeatures({ messages, toolsOffered, toolCalls, toolErrors, images }: StepCounts): number[] {
  return [messages, toolsOffered, toolCalls, toolErrors, images].map(Math.log1p)
}
