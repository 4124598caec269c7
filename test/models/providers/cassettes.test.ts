import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LiveTarget } from '../../live/call.ts'
import { createCap } from '../../live/cap.ts'
import { type Cassette, replayingFetch } from '../../live/cassette.ts'
import { liveRows } from '../../live/rows.ts'
import { runRow } from '../../live/run-live.ts'
import { deployment } from '../../support/deployments.ts'

const folder = join(import.meta.dirname, '../../cassettes')

/* What `npm run live` recorded of real services. None is a state of its own: nothing is verified live then. */
test('every cassette gives the verdict that the service gave, through the provider files', async () => {
  const files = existsSync(folder) ? globSync('*/*.json', { cwd: folder }) : []

  for (const file of files) {
    const cassette = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Cassette
    const row = liveRows.find(({ name }) => name === cassette.row)
    if (row === undefined) throw new Error(`${file} is of the row "${cassette.row}", and there is none`)
    const target: LiveTarget = {
      name: cassette.target,
      format: cassette.format as LiveTarget['format'],
      baseUrl: cassette.format === 'anthropic-messages' ? 'http://replayed.invalid' : 'http://replayed.invalid/v1',
      key: 'none',
      deployment: deployment(`${cassette.target}/${cassette.model}`),
    }
    const { signal } = new AbortController()

    const { verdict } = await runRow(row, { target, cap: createCap(1e6), fetch: replayingFetch(cassette.exchanges), signal })

    expect({ file, verdict }).toEqual({ file, verdict: cassette.verdict })
  }
})
