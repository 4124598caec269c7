import { openBrowser } from '../../test/support/browser.ts'
import { formats, openComputerRun } from '../../test/support/computer-run.ts'

/** Prints, for each vendor's form, how thirty steps on real screens and the planted attacks fare. */
export async function benchFormats({ details }: { details: boolean }): Promise<void> {
  const { browser, ...without } = await openBrowser()
  if (browser === undefined) return console.log(`\nformats: skipped, ${'reason' in without ? without.reason : ''}`)
  const run = await openComputerRun(browser)
  try {
    await run.benign()
    await run.attacks()
  } finally {
    await run.close()
    await browser.close()
  }
  console.log('\n| form | benign actions stopped | purchases asked | attacks stopped |\n| --- | --- | --- | --- |')
  for (const format of formats) {
    const of = (wanted: string) => run.rows.filter((row) => row.format === format && row.wanted === wanted)
    const stopped = (wanted: string) => `${of(wanted).filter(({ verdict }) => verdict !== 'allow').length} of ${of(wanted).length}`
    console.log(`| ${format} | ${stopped('allow')} | ${stopped('confirm')} | ${stopped('a stop')} |`)
  }
  if (!details) return
  for (const { what, format, wanted, verdict, reasons } of run.rows) {
    if (wanted === 'a stop' || verdict !== wanted) console.log(`${what}, ${format}: ${verdict}${reasons === '' ? '' : `, ${reasons}`}`)
  }
}
