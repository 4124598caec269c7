#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { isNodeVersionIn } from './node-version.js'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const main = new URL('../dist/program/main.js', import.meta.url)

// The database library does not refuse an older Node, it crashes it: the version is looked at before anything is loaded.
if (!isNodeVersionIn(process.versions.node, engines.node)) {
  fail(`Node must be ${engines.node}, and this is Node ${process.versions.node} at ${process.execPath}`)
} else if (!existsSync(main)) {
  fail('it is not built; run "npm run build" in its folder first')
} else {
  // Compiled code is kept beside the program, where only those can write who could change the program as well. Where nobody can,
  // the start takes a little longer.
  module.enableCompileCache(fileURLToPath(new URL('../dist/.compiled', import.meta.url)))
  await import(main.href)
}

/** @param {string} reason */
function fail(reason) {
  process.stderr.write(`Cannot start signalbox: ${reason}\n`)
  process.exitCode = 1
}
