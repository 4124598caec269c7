import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts processes takes longest. */
const longest = ['conformance', 'product', 'examples', 'packaging', 'instance', 'tools']

/** The longest first, so that in the end no process waits for the other. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((folder) => moduleId.includes(`/test/${folder}/`))
      return place < 0 ? longest.length : place
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/environment.ts'],
    // Tests start real servers as child processes: more files at once than this only wait for each other.
    pool: 'forks',
    maxWorkers: 2,
    /*
     * All files share two processes, in which Node takes the types out of the code by itself: what files need is loaded once. A
     * process for each file and a second compiler would cost most of them more than their tests. So a file leaves nothing behind in
     * its process: no variable of the environment, no hook.
     */
    isolate: false,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes over real sockets: what a busy machine disturbed is tried once more, and what fails twice has failed.
    retry: 1,
  },
})
