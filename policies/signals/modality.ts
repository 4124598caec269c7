import type { Signal } from './signal.ts'

/** What the step holds besides text: `image`, `file`, `image+file`, or `text` alone. */
export function modality({ name }: { name: string }): Signal {
  return {
    name,
    cost: 'read',
    type: 'string',
    read: (step) => {
      const others = step.modalities.filter((one) => one !== 'text')
      return { value: others.length === 0 ? 'text' : others.join('+'), confidence: 1 }
    },
  }
}
