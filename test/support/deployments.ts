import type { Deployment, Price } from '../../models/deployment.ts'
import type { Pool } from '../../models/pool.ts'

/** A deployment with sizes that fit everything, unless told. */
export function deployment(id: string, facts: Partial<Deployment> = {}): Deployment {
  const [provider = '', model = ''] = id.split('/')
  return {
    id,
    provider,
    model,
    local: false,
    contextTokens: 200_000,
    maxOutputTokens: 8192,
    modalities: ['text', 'image', 'file'],
    toolCalls: true,
    imageRule: 'generic',
    price: price(1, 4),
    source: 'test',
    ...facts,
  }
}

export function price(inputPerMillion: number, outputPerMillion: number): Price {
  return { inputPerMillion, outputPerMillion, source: 'test' }
}

export function pool(name: string, deployments: readonly Deployment[], facts: Partial<Pool> = {}): Pool {
  return { name, deployments, expose: false, purpose: '', local: false, modalities: ['text'], computer: false, ...facts }
}
