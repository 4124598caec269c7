import { createInterface } from 'node:readline/promises'
import { harmless, note } from './output.ts'
import type { Terminal } from './terminal.ts'

/** Whether somebody is here who reads what is asked and can answer. */
export function hasPerson({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** Asks on stderr and reads a line from stdin. The end of the input is an empty answer. */
export async function question(terminal: Terminal, text: string): Promise<string> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr, terminal: terminal.stderr.isTTY === true })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return (await Promise.race([lines.question(harmless(text), { signal: terminal.signal }), ended])).trim()
  } finally {
    lines.close()
  }
}

/** Anything but a yes is a no. */
export async function confirmed(terminal: Terminal, text: string): Promise<boolean> {
  const answer = await question(terminal, `${text} [y/N] `)
  if (/^y(es)?$/i.test(answer)) return true
  if (answer !== '' && !/^no?$/i.test(answer)) note(terminal, 'Taken as no.')
  return false
}
