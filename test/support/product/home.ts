import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compiled } from '../compiled.ts'

/** A person's machine in a temporary folder: one configuration, one data folder, one folder of files for tools to work on. */
export interface Home {
  readonly root: string
  /** What the hosted file server may touch. */
  readonly files: string
  /** `SIGNALBOX_HOME` of each program that is started here. */
  readonly data: string
  readonly database: string
  readonly config: string
  /** The whole environment of each program that is started here. */
  readonly env: Record<string, string>
  /** Writes a file below `files` and returns its path. */
  write(path: string, content: string | Uint8Array): string
  configure(config: Record<string, unknown>): void
  remove(): void
}

/** A test that fails may not come to remove its home. */
const homes = new Set<Home>()
process.once('exit', () => {
  for (const home of homes) home.remove()
})

export function createHome(config: (home: Home) => Record<string, unknown> = () => ({})): Home {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-product-')))
  const [files, data] = [join(root, 'files'), join(root, 'data')]
  mkdirSync(files)
  const { PATH = '', SYSTEMROOT = '' } = process.env
  const home: Home = {
    root,
    files,
    data,
    database: join(data, 'signalbox.db'),
    config: join(root, 'signalbox.yaml'),
    env: {
      ...{ PATH, SYSTEMROOT, HOME: root, USERPROFILE: root, APPDATA: root, LOCALAPPDATA: root },
      ...compiled,
      SIGNALBOX_HOME: data,
      SIGNALBOX_LINGER_S: '0',
    },
    write(path, content) {
      const file = join(files, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    // JSON is YAML.
    configure: (next) => writeFileSync(home.config, JSON.stringify({ http: { port: 0 }, ...next })),
    remove() {
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      homes.delete(home)
    },
  }
  homes.add(home)
  home.configure(config(home))
  return home
}
