import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** What a client starts: under `npm test` the built command, as it is shipped; under the test runner alone its source, which is never stale. */
export const command = process.env['SIGNALBOX_TESTS'] === 'built' ? join(root, 'dist/program/main.js') : join(root, 'src/cli/main.ts')
