import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What fills much memory, or looks at that of its process: a process each. From one that has grown by a gigabyte each start of
 * another takes a third of a second, since its pages are copied.
 */
const alone = [
  'test/idle-memory.test.ts',
  'test/gateway/computer*.test.ts',
  'test/models/images/images.test.ts',
  'test/models/local/minilm.test.ts',
  'test/models/local/ocr/*.test.ts',
  'test/product/{browser-run,check-action,next-action,vendor-formats}.test.ts',
]

/** What starts processes takes longest. */
const longest = ['conformance', 'product', 'examples', 'packaging', 'instance', 'tools', 'mcp', 'live', 'docs', 'cli', 'computer']

/** The longest first, so that in the end no process waits for the other. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      // Between others they would end the shared processes.
      if (project.config.isolate) return -1
      const place = longest.findIndex((folder) => moduleId.includes(`/test/${folder}/`))
      return place < 0 ? longest.length : place
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/environment.ts'],
    // Tests start real servers as child processes: more files at once than this only wait for each other.
    pool: 'forks',
    maxWorkers: 2,
    /*
     * All other files share two processes, in which Node takes the types out of the code by itself: what files need is loaded once.
     * A process for each file and a second compiler would cost most of them more than their tests. So a file leaves nothing behind
     * in its process: no variable of the environment, no hook.
     */
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false } },
    ],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes over real sockets: what a busy machine disturbed is tried once more, and what fails twice has failed.
    retry: 1,
  },
})
