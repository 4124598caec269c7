import type { z } from 'zod'

/** A labelled file that cannot be used, with all that is wrong in it. */
export class LabelledDataError extends Error {
  override readonly name = 'LabelledDataError'
  readonly code = 'labelled_data'
}

const toldFaults = 20

/** JSON Lines; empty lines are passed over. @throws {LabelledDataError} With each faulty line. */
export function parseRows<Row>(content: string, file: string, schema: z.ZodType<Row>): { row: Row; line: number }[] {
  const faults: string[] = []
  const rows = content.split(/\r?\n/).flatMap((written, index) => {
    if (written.trim() === '') return []
    const line = index + 1
    let data: unknown
    try {
      data = JSON.parse(written)
    } catch {
      faults.push(`line ${line}: must be a JSON object`)
      return []
    }
    const parsed = schema.safeParse(data)
    if (parsed.success) return [{ row: parsed.data, line }]
    faults.push(...parsed.error.issues.map(({ path, message }) => `line ${line}: ${[path.join('.'), message].filter(Boolean).join(': ')}`))
    return []
  })
  refuse(file, faults)
  return rows
}

/** @throws {LabelledDataError} If there is a fault. */
export function refuse(file: string, faults: readonly string[]): void {
  if (faults.length === 0) return
  const more = faults.length > toldFaults ? [`and ${faults.length - toldFaults} more`] : []
  throw new LabelledDataError(`Cannot use ${file}:\n${[...faults.slice(0, toldFaults), ...more].map((fault) => `  ${fault}`).join('\n')}`)
}
