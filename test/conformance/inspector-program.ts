import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The command line of the Inspector, one call after the other: to load it takes many times as long as to run it. */

export interface Call {
  readonly args: readonly string[]
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`Exit with ${code}`)
    this.code = code
  }
}

const home = dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json'))
const { runCli, handleError } = (await import(pathToFileURL(join(home, 'clients', 'cli', 'build', 'index.js')).href)) as {
  runCli(argv: readonly string[]): Promise<void>
  handleError(error: unknown): Promise<void>
}

let said = { stdout: '', stderr: '' }
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = ((text: string | Uint8Array, ...rest: unknown[]) => {
    said[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8')
    for (const done of rest) if (typeof done === 'function') done()
    return true
  }) as typeof process.stdout.write
}
process.exit = (code) => {
  throw new Exit(Number(code ?? 0))
}

async function run({ args }: Call): Promise<Outcome> {
  said = { stdout: '', stderr: '' }
  const code = await runCli([process.execPath, 'mcp-inspector', ...args])
    .catch(handleError)
    .then(
      () => 0,
      (error: unknown) => {
        if (error instanceof Exit) return error.code
        throw error
      },
    )
  return { code, ...said }
}

process.on('message', (call: Call) => void run(call).then((outcome) => process.send?.(outcome)))
process.send?.('ready')
