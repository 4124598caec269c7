import { defineConfig } from 'vitest/config'

/*
 * Most tests of these folders work in their own process alone and leave nothing behind in it: no variable of the environment, no
 * hook, no handle. Such files share two processes, since one of its own would cost each of them more than most of its tests.
 */
const folders = [
  'config',
  'dispatch',
  'evaluation',
  'gateway',
  'learning',
  'memory',
  'models',
  'operations',
  'policies',
  'telemetry',
  'tools',
]
/** Of these folders, what starts processes or threads, or sets a variable of the environment. */
const apart = [
  'test/memory/sqlite/processes.test.ts',
  'test/models/local/minilm.test.ts',
  'test/models/local/ocr/ocr.test.ts',
  'test/tools/host-*.test.ts',
  'test/tools/pins.test.ts',
  'test/tools/published-servers.test.ts',
  'test/tools/search-needs.test.ts',
  'test/tools/suspicion.test.ts',
]
const others = [`test/!(${folders.join('|')})/**/*.test.ts`, 'test/*.test.ts', ...apart]

export default defineConfig({
  test: {
    globalSetup: ['test/support/environment.ts'],
    // Tests start real servers as child processes: more files at once than this only wait for each other.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes over real sockets: what a busy machine disturbed is tried once more, and what fails twice has failed.
    retry: 1,
    projects: [
      { extends: true, test: { name: 'apart', include: others } },
      {
        extends: true,
        test: { name: 'shared', include: folders.map((folder) => `test/${folder}/**/*.test.ts`), exclude: apart, isolate: false },
      },
    ],
  },
})
