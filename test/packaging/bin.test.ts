import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-bin-'))
  cpSync(bin, join(folder, 'bin'), { recursive: true })
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The command in a package of its own, whose program prints a word when it is loaded. */
function run({ engines, built }: { engines: string; built: boolean }) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', engines: { node: engines } }))
  if (built) {
    mkdirSync(join(folder, 'dist', 'program'), { recursive: true })
    writeFileSync(join(folder, 'dist', 'program', 'main.js'), "process.stdout.write('loaded')\n")
  }
  return spawnSync(process.execPath, [join(folder, 'bin', 'signalbox.js')], { encoding: 'utf8' })
}

test('bin/signalbox.js loads the program on a Node that is new enough', () => {
  const { status, stdout, stderr } = run({ engines: '>=22.12', built: true })

  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'loaded', stderr: '' })
})

test('bin/signalbox.js names the version that it needs and the one that runs, and loads nothing, on an older Node', () => {
  const { status, stdout, stderr } = run({ engines: '>=999.0', built: true })

  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain(`Node must be >=999.0, and this is Node ${process.versions.node}`)
})

test('bin/signalbox.js says how to build it when it is not built', () => {
  const { status, stderr } = run({ engines: '>=22.12', built: false })

  expect(status).toBe(1)
  expect(stderr).toContain('npm run build')
})
