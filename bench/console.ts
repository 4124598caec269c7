import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/* What the console makes a browser load, as built: the bytes of each kind of file, whole and compressed. */
const folder = fileURLToPath(new URL('../dist/console/', import.meta.url))
const mostScript = 300_000

export interface BuiltSize {
  readonly kind: string
  readonly files: number
  readonly bytes: number
  readonly gzip: number
  readonly brotli: number
}

export function builtSizes(): BuiltSize[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) !== '')
  return [...Map.groupBy(paths, (path) => extname(path).slice(1))].map(([kind, own]) => {
    const contents = own.map((path) => readFileSync(join(folder, path)))
    const sum = (size: (content: Buffer) => number) => contents.reduce((all, content) => all + size(content), 0)
    return {
      kind,
      files: own.length,
      bytes: sum(({ length }) => length),
      gzip: sum((content) => gzipSync(content).length),
      brotli: sum((content) => brotliCompressSync(content).length),
    }
  })
}

function benchConsole(): void {
  const sizes = builtSizes()
  process.stdout.write('| kind | files | bytes | gzip | brotli |\n| --- | --- | --- | --- | --- |\n')
  for (const { kind, files, bytes, gzip, brotli } of sizes)
    process.stdout.write(`| ${kind} | ${files} | ${bytes} | ${gzip} | ${brotli} |\n`)
  const script = sizes.find(({ kind }) => kind === 'js')
  process.stdout.write(
    `\nScript compressed: ${script?.gzip} bytes, at most ${mostScript}: ${(script?.gzip ?? Infinity) <= mostScript ? 'holds' : 'FAILS'}\n`,
  )
}

if (import.meta.main) benchConsole()
