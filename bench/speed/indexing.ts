import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Figure, type MeasureOptions, median, ofRounds } from './figure.ts'
import type { IndexingReport } from './indexing-program.ts'
import { createHome, type Home, hosting } from './program.ts'

const indexingProgram = fileURLToPath(new URL('./indexing-program.ts', import.meta.url))

/** 500 tools that no vector is known of, in a new data folder each round, and the second start on the same folder. */
export async function measureIndexing({ rounds, progress }: MeasureOptions): Promise<Figure[]> {
  const first: IndexingReport[] = []
  const second: IndexingReport[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`indexing: round ${round} of ${rounds}`)
    using home = createHome()
    const config = home.configure({ tools: hosting(500) })
    first.push(await start(config, home))
    second.push(await start(config, home))
  }
  const computed = (reports: readonly IndexingReport[]) => reports.map(({ vectors: [before, after] }) => after - before)
  const answers = first.flatMap((report) => report.answers)
  const lexical = answers.filter((answer) => answer.searched === 'lexical')
  const runtimes = [...new Set(second.map((report) => report.runtime))].join(', ')
  return [
    {
      what: 'indexing 500 new tools',
      unit: 's',
      atMost: 5,
      ...ofRounds(first.map((report) => report.ms / 1000)),
      note: `${median(first.map((report) => report.tools))} tools, ${median(computed(first))} texts computed`,
    },
    {
      what: 'vectors computed at a second start',
      unit: '',
      atMost: 0,
      ...ofRounds(computed(second)),
      note: `the embedder after it: ${runtimes}; all tools had their vectors after ${median(second.map((report) => report.ms)).toFixed(0)} ms`,
    },
    {
      what: 'longest event loop delay while indexing',
      unit: 'ms',
      ...ofRounds(first.map((report) => report.longestDelayMs)),
    },
    {
      what: 'find_tools while indexing, p50',
      unit: 'ms',
      measured: median(answers.map((answer) => answer.ms)),
      note: `${answers.length} calls, ${lexical.length} of them answered by words`,
    },
  ]
}

async function start(config: string, home: Home): Promise<IndexingReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [indexingProgram, config], { env: home.env, cwd: home.folder })
  return JSON.parse(stdout) as IndexingReport
}
