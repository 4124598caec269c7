import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addTrainRouting } from './train-routing.ts'
import { addTrainSignal } from './train-signal.ts'

export function addTrain(program: Command, terminal: Terminal): void {
  const train = program.command('train').description('learn from your own labelled data')
  addTrainSignal(train, terminal)
  addTrainRouting(train, terminal)
}
