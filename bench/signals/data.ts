import { createHash } from 'node:crypto'
import { read, string } from '../tool-search/data.ts'

export interface LabelledText {
  readonly id: string
  readonly text: string
  readonly label: string
  readonly class?: string | undefined
  /** Never trained on. */
  readonly isHeldOut: boolean
}

/** Questions of MMLU without their choices, which are not what a person types; a class is a subject. */
export function domainRows(): LabelledText[] {
  return read('routellm/mmlu_rest.jsonl.gz').map((row) => ({
    id: string(row['id']),
    text: withoutChoices(string(row['prompt'])),
    label: string(row['domain14']),
    class: string(row['subject']),
    isHeldOut: isHeldOut(string(row['id'])),
  }))
}

/** Whether the weaker of two models answered rightly: MMLU without choices, and GSM8K. */
export function complexityRows(): LabelledText[] {
  return [...read('routellm/mmlu_rest.jsonl.gz'), ...read('routellm/gsm8k.jsonl')].map((row) => ({
    id: string(row['id']),
    text: withoutChoices(string(row['prompt'])),
    label: row['weak_correct'] === true ? 'easy' : 'hard',
    isHeldOut: isHeldOut(string(row['id'])),
  }))
}

/** The sixteenths that no shipped head has seen: SHA-1(id) begins with 0, 1 or 2. */
function isHeldOut(id: string): boolean {
  return Number.parseInt(createHash('sha1').update(id).digest('hex').slice(0, 1), 16) < 3
}

function withoutChoices(prompt: string): string {
  return prompt.replace(/\n[A-D]\. [\s\S]*$/, '')
}
