import sharp from 'sharp'
import { expect, test } from 'vitest'
import { servicesFor } from '../support/services.ts'

const picture = sharp({ create: { width: 40, height: 30, channels: 3, background: '#d8e4ee' } })

test('a picture of a tool is named by what its bytes are, since an API refuses one that is not', async () => {
  const jpeg = (await picture.jpeg().toBuffer()).toString('base64')
  const named = { type: 'image', data: jpeg, mimeType: 'image/jpeg' }
  const answers = [{ ...named, mimeType: 'image/png' }, { ...named, data: jpeg.replaceAll('+', '-').replaceAll('/', '_') }, { ...named }]
  const tools = answers.map((block, index) => ({ name: `look_${index}`, readOnly: true, answer: () => ({ content: [block] }) }))
  const { run } = await servicesFor({ tools })

  for (const { name } of tools) expect((await run('call_tool', { name, arguments: {} })).content).toEqual([named])
})
