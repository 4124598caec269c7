import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { LoadOptions } from '../../src/config/load.ts'

/** A person's machine in a temporary folder: a home, a project and a data folder, with nothing in the environment but what a test puts there. */
export interface ConfigFolders {
  readonly root: string
  readonly home: string
  readonly project: string
  readonly data: string
  /** What `loadConfig` sees from the project folder. */
  readonly surroundings: LoadOptions & { env: Record<string, string | undefined> }
  /** Writes a file below the root, with its folders, and returns its path. */
  write(path: string, content: string | Uint8Array): string
  [Symbol.dispose](): void
}

export function createConfigFolders({ platform = 'linux' }: { platform?: NodeJS.Platform } = {}): ConfigFolders {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-config-')))
  const [home, project, data] = [join(root, 'home'), join(root, 'project'), join(root, 'data')]
  for (const folder of [home, project]) mkdirSync(folder)
  return {
    root,
    home,
    project,
    data,
    surroundings: { env: { SIGNALBOX_HOME: data }, cwd: project, home, platform },
    write(path, content) {
      const file = join(root, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
