/** So many of all, evenly: rows of one kind stand together. */
export function sample<Row>(rows: readonly Row[], limit = rows.length): readonly Row[] {
  const step = Math.max(1, rows.length / limit)
  return rows.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}
