import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface BuiltFile {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where the build puts the console: beside the compiled program, and in `dist` for a program that runs from its sources. */
const folder = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../../dist/console/' : '../../../console/', import.meta.url))

/**
 * The files of the console by their path below it, read once: there are few, and small. Nothing else can be asked for, since a
 * path is looked up and never opened. `undefined` when it was not built.
 */
export async function readBuiltFiles(from = folder): Promise<ReadonlyMap<string, BuiltFile> | undefined> {
  const paths = await readdir(from, { recursive: true }).catch(() => [])
  const files = await Promise.all(
    paths
      .filter((path) => types[extname(path)] !== undefined)
      .map(async (path) => {
        const bytes = Uint8Array.from(await readFile(`${from}/${path}`))
        const gzipped = Uint8Array.from(await promisify(gzip)(bytes))
        return [path.replaceAll('\\', '/'), { type: types[extname(path)] ?? '', bytes, gzipped }] as const
      }),
  )
  return files.some(([path]) => path === 'index.html') ? new Map(files) : undefined
}
