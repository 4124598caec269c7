import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What went wrong, in a sentence for the person who typed the command. */
export class TaskError extends Error {}

/** @param {string} line Progress; stdout stays free for what a task prints. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Runs a program in the root folder, with our terminal, until it ends; gives its exit code, 128 and more when a signal ended it.
 *
 * A signal to us is passed on and its effect awaited, but for Ctrl-C at a terminal: that has reached the program already. npm
 * gives its signals to a shell, which dies of them and tells us nothing: losing that shell counts as being asked to end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ stdout?: 'inherit' | 'stderr', env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function runProgram(program, args, { stdout = 'inherit', env = process.env, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, shell, stdio: ['inherit', stdout === 'stderr' ? 2 : 'inherit', 'inherit'] })
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
    for (const signal of signals) process.on(signal, passOn)
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid !== parent) child.kill('SIGTERM')
    }, 500)
    if (env['npm_lifecycle_event'] === undefined) clearInterval(watch)
    const settle = () => {
      clearInterval(watch)
      for (const signal of signals) process.off(signal, passOn)
    }
    child.on('error', (error) => {
      settle()
      reject(new TaskError(`Cannot run ${program}: ${error.message}`))
    })
    child.on('exit', (code, signal) => {
      settle()
      resolve(code ?? exitCodeOf(signal))
    })
  })
}

/** @param {NodeJS.Signals | null} signal */
function exitCodeOf(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[String(signal)] ?? 137
}
