import { LabelledDataError } from '../../evaluation/labelled-rows.ts'
import type { ToldApart } from '../../evaluation/measures.ts'
import { FailedError } from '../failures.ts'

/** Faults of the user's data end a command; they are no fault of ours. */
export async function withLabelledData<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LabelledDataError) throw new FailedError(error.message)
    throw error
  }
}

/** Three decimals, or a dash. */
export function figure(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(3)
}

/** Cells under "AUC", "R@P.95", "R@P.99". */
export function apartCells(apart: ToldApart | undefined): string[] {
  return [apart?.auc, apart?.recallAtPrecision95, apart?.recallAtPrecision99].map(figure)
}

export const apartHead = ['AUC', 'R@P.95', 'R@P.99']

export function apartFields(apart: ToldApart | undefined) {
  return {
    auc: apart?.auc ?? null,
    recall_at_precision_95: apart?.recallAtPrecision95 ?? null,
    recall_at_precision_99: apart?.recallAtPrecision99 ?? null,
  }
}
