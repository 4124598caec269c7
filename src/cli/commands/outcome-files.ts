import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type OutcomeMatrix, parseOutcomes, parsePrices } from '../../evaluation/labelled-outcomes.ts'
import type { RoutingProgress } from '../../evaluation/routing.ts'
import { UsageError } from '../failures.ts'
import type { Terminal } from '../terminal.ts'
import { withLabelledData } from './evaluation.ts'

/** Labelled outcomes of `--data`, with the prices of `--prices`. */
export async function readOutcomes(options: { data: string; prices?: string }, terminal: Terminal): Promise<OutcomeMatrix> {
  const data = await contentOf(options.data, '--data', terminal)
  const prices = options.prices === undefined ? undefined : await contentOf(options.prices, '--prices', terminal)
  return withLabelledData(async () =>
    parseOutcomes(data, options.data, prices === undefined ? {} : parsePrices(prices, options.prices ?? '')),
  )
}

export async function contentOf(path: string, option: string, { cwd }: Terminal): Promise<string> {
  return readFile(resolve(cwd, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${option} must be a file that can be read, received "${path}" (${cause.code ?? cause.message})`, { cause })
  })
}

export function routingProgress({ work, done, total }: RoutingProgress): string {
  return work === 'embedding' ? `${done} of ${total} texts embedded` : `Learning: ${Math.round((100 * done) / total)} %`
}
