import { thisProcess } from '../../src/runs/owner.ts'
import { contextOf, runsFor } from './runs.ts'

/** A process that has a run under way: it tells the handle and works until it is killed. */
const path = process.argv[2] ?? ''
const { runs, operation } = await runsFor(
  async (scope) => {
    scope.spend(0.25)
    await new Promise((resolve) => setTimeout(resolve, 600_000))
    throw new Error('nobody ended this process')
  },
  { path, owner: thisProcess('owner') },
)
const { handle } = await runs.start(operation, {}, contextOf())
process.stdout.write(`${handle}\n`)
