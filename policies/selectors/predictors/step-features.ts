import type { Step } from '../../step.ts'

export type StepCounts = Pick<Step, 'messages' | 'toolsOffered' | 'toolCalls' | 'toolErrors' | 'images'>

/** A prompt alone, outside any conversation: what a labelled row counts as that says nothing else. */
export const loneStep: StepCounts = { messages: 1, toolsOffered: 0, toolCalls: 0, toolErrors: 0, images: 0 }

/** What a predictor is told of a step beside its text and vector. */
export function stepFeatures({ messages, toolsOffered, toolCalls, toolErrors, images }: StepCounts): number[] {
  return [messages, toolsOffered, toolCalls, toolErrors, images].map(Math.log1p)
}
