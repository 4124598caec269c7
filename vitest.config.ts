import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/environment.ts'],
    // Tests start real servers as child processes: more files at once than this only wait for each other.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes over real sockets: what a busy machine disturbed is tried once more, and what fails twice has failed.
    retry: 1,
  },
})
