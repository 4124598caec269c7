import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { selectorKinds } from '../../policies/selectors/kinds.ts'
import { signalKinds } from '../../policies/signals/kinds.ts'
import { configKeys } from './config-keys.ts'

/*
 * `docs/signals.md` and `docs/selectors.md`, made of what stands beside each kind in the code: `node scripts/docs-site/reference.ts`
 * writes them, and a test says when they are not current.
 */

interface Kind {
  readonly schema: z.ZodObject
  readonly value?: string
  readonly is?: string
  readonly options?: Readonly<Record<string, string>>
}

const signals = `# Signals

A signal is a named fact about a step. It reports and never chooses; rules do, by their conditions ([policies.md](policies.md#signals)). A policy names the signals that it wants, and only those are computed:

\`\`\`yaml
signals:
  size: { kind: size }
  hard_words: { kind: keyword, any: [prove, root cause] }
\`\`\`

What cannot be computed is shown as not scored, and rules that need it do not fire. This page is made from the code, by \`node scripts/docs-site/reference.ts\`.
`

const selectors = `# Selectors

A selector orders the models of a pool, once the policy has said which may answer ([policies.md](policies.md#selectors)). An action names one, \`selector: lowest-cost\`, or gives it options, \`selector: { kind: weighted, weights: { a/quick: 3 } }\`.

This page is made from the code, by \`node scripts/docs-site/reference.ts\`.
`

export function signalsPage(): string {
  return `${signals}\n${signalKinds.map((one) => section(one as unknown as Kind, 'Is')).join('\n')}`
}

export function selectorsPage(): string {
  return `${selectors}\n${selectorKinds.map((one) => section(one as unknown as Kind, 'Puts first')).join('\n')}`
}

function section({ schema, value, is, options }: Kind, verb: string): string {
  const kind = String((schema.shape['kind'] as z.ZodLiteral).value)
  if (is === undefined || options === undefined) throw new TypeError(`Cannot describe the kind "${kind}": it has no "is" and "options"`)
  const keys = configKeys(z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>).filter(({ path }) => path !== 'kind')
  const rows = keys.map(
    ({ path, type, byDefault, limits }) =>
      `| \`${path}\` | ${type} | ${byDefault} | ${limits} | ${options[path.split('.')[0] ?? ''] ?? ''} |`,
  )
  const table = ['| option | type | unless given | limits | is |', '| --- | --- | --- | --- | --- |', ...rows]
  return [
    `## \`${kind}\``,
    '',
    ...(value === undefined ? [] : [`Value: ${value}.`, '']),
    `${verb}: ${is}.`,
    '',
    ...(rows.length === 0 ? [] : [...table, '']),
  ].join('\n')
}

if (import.meta.main) {
  const docs = join(import.meta.dirname, '../../docs')
  writeFileSync(join(docs, 'signals.md'), signalsPage())
  writeFileSync(join(docs, 'selectors.md'), selectorsPage())
}
