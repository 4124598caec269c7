import type { Log } from '../../src/log.ts'

export const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
