import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createImages } from '../../../models/images.ts'
import type { Ocr, TextBox } from '../../../models/local/ocr/ocr.ts'
import { knownPictures } from '../../../src/computer/known-pictures.ts'
import { fitOf, wantedBy } from '../../../tools/computer/guard/claim.ts'
import { checkTarget, type TargetChannels } from '../../../tools/computer/guard/target.ts'
import { createTargetKnowledge } from '../../../tools/computer/guard/target-knowledge.ts'
import { checkPicture } from '../../../tools/computer/guard/target-picture.ts'
import { settingsPage } from '../../contract/ocr.ts'
import { type EmbeddingEndpoint, sendJson, startEmbeddingEndpoint } from '../../support/embedding/endpoint.ts'

const page = await settingsPage()
/** What a reader finds on the page, so that these tests need none. */
const lines: TextBox[] = (
  [
    [20, 65, 125, 87, 'Display name'],
    [316, 65, 395, 88, 'Language'],
    [48, 129, 147, 152, 'Save changes'],
    [224, 129, 278, 149, 'Cancel'],
    [358, 129, 466, 151, 'Delete account'],
    [22, 199, 383, 215, 'Your session ends in 20 minutes. Unsaved work will be lost.'],
  ] as const
).map(([left, top, right, bottom, text]) => ({ left, top, right, bottom, text, confidence: 1 }))

/** The same page with a sign without letters in its corner. */
const signed = {
  ...page,
  data: page.data.map((value, place) => (isIn(place, { left: 594, top: 374, right: 607, bottom: 387 }) ? 40 : value)),
}
function isIn(place: number, { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number }): boolean {
  const [x, y] = [Math.floor(place / 3) % page.width, Math.floor(place / 3 / page.width)]
  return x >= left && x < right && y >= top && y < bottom
}

const risksOf = (text: string) => (/delete|remove/i.test(text) ? ['delete'] : [])
const check = (x: number, y: number, targetText?: string, channels: TargetChannels = { risksOf }) =>
  checkTarget({ raster: signed, at: { x, y }, claim: targetText === undefined ? undefined : { targetText }, text: lines }, channels)

describe('checkTarget()', () => {
  test.each([
    [90, 138, 'Save changes'],
    [30, 125, 'the "Save changes" button'],
    [90, 138, 'Änderungen speichern'],
    [250, 138, 'Cancel button'],
    [250, 138, '取消'],
    [400, 150, 'Delete account'],
    [70, 76, 'Display name'],
  ])('finds nothing at %d,%d for %j', async (x, y, claim) => {
    const report = await check(x, y, claim)

    expect(report.findings).toEqual([])
    expect(report.unscored).toBeUndefined()
  })

  test('a swapped label is a mismatch, and one that does more than was claimed is denied', async () => {
    const swapped = await check(250, 138, 'Save changes')
    const worse = await check(400, 138, 'Save changes')

    expect(swapped.findings).toMatchObject([{ code: 'off-target', verdict: 'reobserve' }])
    expect(worse.findings.map(({ code }) => code)).toContain('risky-label')
    expect((await check(400, 138, 'Open the help page')).findings).toMatchObject([
      { code: 'risky-label', verdict: 'confirm' },
      { code: 'label-mismatch', verdict: 'deny', reason: 'The click would hit "Delete account", but claims to hit "help"' },
    ])
  })

  test('a click beside the control that carries what was claimed is off target', async () => {
    const { findings } = await check(90, 172, 'Save changes')

    expect(findings).toMatchObject([{ code: 'off-target', verdict: 'reobserve' }])
    expect(findings[0]?.reason).toMatch(/^The click is \d+ pixels beside "Save changes", which it claims to hit$/)
  })

  test.each([
    [314, 138, 'Cancel button'],
    [250, 118, 'Click Cancel'],
    [560, 300, 'Delete account button'],
    [600, 330, 'Settings icon'],
  ])('at %d,%d nothing is %j', async (x, y, claim) => {
    expect((await check(x, y, claim)).findings).toMatchObject([{ code: 'off-target', verdict: 'reobserve' }])
  })

  test('beside a word that stands free on a dialog is not on the button that it is', async () => {
    const data = page.data.map((value, place) => (isIn(place, { left: 100, top: 60, right: 540, bottom: 340 }) ? 230 : value))
    const texts = [
      { ...(lines[0] as TextBox), left: 120, top: 80, right: 300, bottom: 96, text: 'Open setup?' },
      { ...(lines[0] as TextBox), left: 300, top: 300, right: 350, bottom: 316, text: 'Install' },
      { ...(lines[0] as TextBox), left: 420, top: 300, right: 470, bottom: 316, text: 'Cancel' },
    ]
    const at = (x: number, y: number, targetText: string) =>
      checkTarget({ raster: { ...page, data }, at: { x, y }, claim: { targetText }, text: texts }, {})

    expect((await at(440, 305, 'Cancel button')).findings).toEqual([])
    expect((await at(385, 308, 'Cancel button')).findings).toMatchObject([{ code: 'off-target' }])
    expect((await at(300, 200, 'Cancel button')).findings).toMatchObject([{ code: 'off-target' }])
  })

  test('a label that was read with doubt is unscored where it resembles the claim', async () => {
    const doubtful = lines.map((line) => (line.text === 'Cancel' ? { ...line, text: '垫助', confidence: 0.6 } : line))
    const report = (text: readonly TextBox[]) =>
      checkTarget({ raster: page, at: { x: 250, y: 138 }, claim: { targetText: '帮助' }, text }, {})

    expect(await report(doubtful)).toMatchObject({ findings: [], unscored: 'the label under the point can hardly be read' })
    expect((await report(doubtful.map((line) => ({ ...line, confidence: 1 })))).findings).toMatchObject([{ code: 'label-mismatch' }])
  })

  test.each([
    ['导人', 1, '导入', 'the label under the point can hardly be read'],
    ['目复', 0.8, '回复', 'the label under the point can hardly be read'],
    ['导出', 1, '导入', undefined],
  ])(
    '%j, read with a confidence of %d, is no other label than %j where a reader may have taken one sign for another',
    async (read, confidence, claim, unscored) => {
      const text = lines.map((line) => (line.text === 'Cancel' ? { ...line, text: read, confidence } : line))
      const report = await checkTarget({ raster: page, at: { x: 250, y: 138 }, claim: { targetText: claim }, text }, {})

      expect(report.unscored).toBe(unscored)
      expect(report.findings.map(({ code }) => code)).toEqual(unscored === undefined ? ['label-mismatch'] : [])
    },
  )

  test('the whole face of a button is the target, and is reported with its label', async () => {
    const { box, label } = await check(30, 125, 'Save changes')

    expect(label).toBe('Save changes')
    expect(box).toMatchObject({ left: 24, top: 120, right: 164, bottom: 156 })
  })

  test('a target without text is unscored, never clean', async () => {
    expect(await check(600, 380, 'Settings icon')).toMatchObject({ findings: [], unscored: 'the target carries no text' })
  })

  test.each([
    [0.9, []],
    [0.1, ['icon-mismatch']],
  ])('an image channel decides on a target without text: likelihood %d', async (likelihood, codes) => {
    const { findings, unscored } = await check(600, 380, 'Settings icon', { images: { compare: async () => likelihood } })

    expect(findings.map(({ code }) => code)).toEqual(codes)
    expect(unscored).toBeUndefined()
  })

  test('without a claim, or with one that names nothing, only the risk of the label is told', async () => {
    expect(await check(90, 138)).toMatchObject({ findings: [], unscored: 'the click comes without a claim' })
    expect(await check(90, 138, 'click the button')).toMatchObject({ findings: [], unscored: 'the claim names no target' })
    expect(await check(400, 138)).toMatchObject({ findings: [{ code: 'risky-label' }] })
  })

  test('without anything that reads texts it says so', async () => {
    expect(await checkTarget({ raster: page, at: { x: 90, y: 138 }, claim: { targetText: 'Save' } }, {})).toMatchObject({
      findings: [],
      unscored: 'nothing reads the texts of pictures',
    })
  })

  test('a reader is asked for the part around the point alone', async () => {
    const asked: unknown[] = []
    const ocr: Ocr = {
      id: 'scripted',
      async read(_raster, options) {
        asked.push(options?.within)
        return lines.filter(({ left, top }) => left < 168 && top > 100 && top < 160)
      },
      close: async () => {},
    }

    const { findings } = await checkTarget({ raster: page, at: { x: 90, y: 138 }, claim: { targetText: 'Save changes' } }, { ocr })

    expect(findings).toEqual([])
    expect(asked).toEqual([{ left: 0, top: 74, right: 256, bottom: 202 }])
  })

  test('what a deployment lists as risky is found by its likeness', async () => {
    const vectors: Record<string, number[]> = {
      'wipe the device': [1, 0],
      'save the form': [0, 1],
      'Delete account': [0.9, 0.1],
      'Save changes': [0.2, 0.9],
    }
    const embedder = {
      id: 'scripted',
      dimensions: 2,
      runtime: undefined,
      embed: async (texts: readonly string[]) => texts.map((text) => Float32Array.from(vectors[text] ?? [0, 0])),
      close: async () => {},
    }
    const knowledge = createTargetKnowledge(embedder, { safe: ['save the form'], risky: ['wipe the device'] })

    expect((await check(90, 138, 'Save changes', { knowledge })).findings).toEqual([])
    expect((await check(400, 138, 'Delete account', { knowledge })).findings).toMatchObject([
      { code: 'known-risky-target', verdict: 'confirm', reason: expect.stringContaining('wipe the device') },
    ])
  })
})

describe('fitOf()', () => {
  const fitting = (label: string, targetText: string) => {
    const wanted = wantedBy({ targetText })
    return wanted ? fitOf(label, wanted) : undefined
  }

  test.each([
    ['Savechanges', 'Save changes'],
    ['Setings', 'Settings'],
    ['Lcg 0ut', 'Log out'],
    ['Abbrechen', 'Cancel button'],
    ['提交订单', 'Place order (提交订单)'],
    ['×', 'close the window'],
    ['Save changes Ctrl+S', 'Save changes'],
    ['Invoice March 2026 14:05', 'Click the "Invoice March 2026" item'],
  ])('%j is what %j wants', (label, claim) => {
    expect(fitting(label, claim)).toBeGreaterThanOrEqual(0.72)
  })

  test.each([
    ['Delete account', 'Cancel'],
    ['Buy now', 'Add to wishlist'],
    ['Send', 'Save draft'],
    ['Approve', 'Reject'],
    ['Install now', 'Close the dialog'],
    ['删除', 'Save'],
    ['Member list', 'Billing'],
  ])('%j is not what %j wants', (label, claim) => {
    expect(fitting(label, claim)).toBeLessThan(0.5)
  })
})

describe('checkPicture()', () => {
  /** Where each format has its pictures. */
  const picturesIn = {
    jina: ({ input }: Body) => input?.map((one) => (one as { image: string }).image),
    infinity: ({ input, modality }: Body) => (modality === 'image' ? (input as string[]) : []),
    vllm: ({ messages }: Body) => messages?.flatMap(({ content }) => content.map(({ image_url: { url } }) => url)),
  }
  interface Body {
    input?: unknown[]
    modality?: string
    messages?: { content: { image_url: { url: string } }[] }[]
  }
  type Format = keyof typeof picturesIn
  const button = (colour: string) =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: colour } })
      .png()
      .toBuffer()
  let endpoint: EmbeddingEndpoint
  let folder: string
  let screen: Awaited<ReturnType<ReturnType<typeof createImages>['open']>>
  beforeAll(async () => {
    endpoint = await startEmbeddingEndpoint()
    folder = mkdtempSync(join(tmpdir(), 'signalbox-pictures-'))
    await sharp(await button('#e01010')).toFile(join(folder, 'stop-the-press.png'))
    await sharp(await button('#10c030')).toFile(join(folder, 'help.png'))
    const white = sharp({ create: { width: 400, height: 200, channels: 3, background: '#ffffff' } })
    const place = async (colour: string, left: number) => ({ input: await button(colour), left, top: 80 })
    const buttons = await Promise.all([place('#d81818', 40), place('#18b838', 180), place('#202020', 320)])
    screen = await createImages().open(await white.composite(buttons).png().toBuffer())
  })
  afterAll(async () => {
    await endpoint?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A model that sees the mean colour. */
  function see(format: Format) {
    endpoint.requests.length = 0
    endpoint.answer = async ({ body }, response) => {
      const files = picturesIn[format](body as Body) ?? []
      const data = files.map(async (file, index) => {
        const { channels } = await sharp(Buffer.from(file.replace(/^data:image\/png;base64,/, ''), 'base64')).stats()
        return { index, embedding: channels.slice(0, 3).map(({ mean }) => mean) }
      })
      sendJson(response, 200, { data: await Promise.all(data) })
    }
  }
  const pictures = (format: Format) =>
    knownPictures(createImages(), {
      encoder: { kind: 'endpoint', baseUrl: endpoint.baseUrl, model: 'colours', apiKey: 'a-key-of-nobody', format },
      least: 0.9,
      ...{ risky: [join(folder, 'stop-the-press.png')], safe: [join(folder, 'help.png')] },
    })

  test.each(['jina', 'infinity', 'vllm'] as const)(
    'asks about what looks like a risky target, and about nothing else: %s',
    async (format) => {
      see(format)
      const known = pictures(format)
      const at = (x: number) => checkPicture({ raster: screen, at: { x, y: 95 } }, known)

      const [red, green, black] = [await at(60), await at(200), await at(340)]

      expect(red).toMatchObject({ layer: 'picture', findings: [{ verdict: 'confirm', code: 'known-risky-picture' }] })
      expect(red.findings[0]?.reason).toContain('stop-the-press.png')
      expect([green.findings, black.findings]).toEqual([[], []])
      expect(endpoint.requests).toHaveLength(format === 'vllm' ? 5 : 4)
      expect(endpoint.requests[0]).toMatchObject({ url: '/v1/embeddings', headers: { authorization: 'Bearer a-key-of-nobody' } })
    },
  )

  test('what could not be compared is unscored, and says neither the key nor the picture', async () => {
    endpoint.answer = (_, response) => sendJson(response, 503, { error: 'a-key-of-nobody' })

    const report = await checkPicture({ raster: screen, at: { x: 60, y: 95 } }, pictures('jina'))

    expect(report.findings).toEqual([])
    expect(report.unscored).toMatch(/^Cannot embed at .*: the server answered 503$/)
  })
})
