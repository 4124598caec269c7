import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const policy = (when: string) => `name: mine
rules:
  - { name: many_images, priority: 20, when: step.images > 2, action: { prefer: strongest } }
  - { name: other, priority: 10, when: '${when}', action: { prefer: cheapest } }
default: { prefer: first }
`

test('policy check names what is wrong, a step that shows it and the mend, and exits 1 on an error', async () => {
  using folders = createConfigFolders()
  folders.write('project/good.yaml', policy('step.tool_errors > 1'))
  folders.write('project/bad.yaml', policy('step.images > 5'))

  const good = await runLine(folders, ['policy', 'check', 'good.yaml'])
  const bad = await runLine(folders, ['policy', 'check', 'bad.yaml'])

  expect(good).toMatchObject({ code: 0, out: expect.stringContaining('good.yaml: 0 errors, 0 warnings, 0 reports') })
  expect(bad.code).toBe(1)
  expect(bad.out).toContain('error   shadowed: The rule other never decides: whenever it fires, many_images fires, too')
  expect(bad.out).toContain('such as: step.kind = "user_turn", step.images = 6\n')
  expect(bad.out).toContain('Give other a higher priority than many_images, or narrow their conditions.')
})

test('policy check prints findings as fields with --json, and takes a shipped policy by its name', async () => {
  using folders = createConfigFolders()
  folders.write('project/bad.yaml', policy('step.images > 5'))

  const bad = await runLine(folders, ['--json', 'policy', 'check', 'bad.yaml'])
  const cheap = await runLine(folders, ['--json', 'policy', 'check', 'cheap'])

  expect(JSON.parse(bad.out)).toMatchObject({
    errors: 1,
    warnings: 0,
    findings: [{ code: 'shadowed', level: 1, severity: 'error', rules: ['other', 'many_images'], witness: { 'step.images': 6 } }],
  })
  expect({ code: cheap.code, ...JSON.parse(cheap.out) }).toMatchObject({ code: 0, policy: 'cheap', errors: 0, warnings: 0 })
})
