import sharp from 'sharp'
import { expect, test } from 'vitest'
import { wordsOf } from '../support/runs.ts'
import { servicesFor } from '../support/services.ts'

const page = async () => {
  const bytes = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#d8e4ee' } })
    .png()
    .toBuffer()
  return `data:image/png;base64,${bytes.toString('base64')}`
}

test('fit_image gives a handle when a picture takes longer to be masked than its client waits, and get_answer the picture', async () => {
  const { run, services } = await servicesFor({ clients: { default: { handleAfterMs: 0, resultBytes: 1_000_000 } } })
  const read = Promise.withResolvers<void>()
  const masking: typeof services.computer.masking = {
    async image(principal, id) {
      await read.promise
      const original = await services.frames.get(principal, id)
      return original && { ...original, masked: [] }
    },
  }
  const own = { computer: { ...services.computer, masking } }

  const first = await run('fit_image', { image: await page(), target: 'claude-desktop', redact: true }, {}, own)
  read.resolve()
  const handle = /ha_[0-9a-f]{32}/.exec(wordsOf(first))?.[0]
  const fitted = await run('get_answer', { handle })

  expect(first.isError).toBe(false)
  expect(wordsOf(first)).toContain('working: ')
  expect(fitted.content.map(({ type }) => type)).toEqual(['image', 'text'])
  expect(JSON.parse(String(fitted.content[1]?.['text']))).toMatchObject({ width: 80, height: 60, redacted: [] })
})
