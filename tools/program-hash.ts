import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** Stands for what these programs do: a rule that is part of one cannot be changed without it. */
export function programHash(programs: Iterable<URL>): string {
  const hash = createHash('sha256').update(process.version)
  for (const program of programs) hash.update(readFileSync(program))
  return hash.digest('hex')
}
