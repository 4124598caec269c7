import { expect, test } from 'vitest'
import { parsePageSnapshot } from '../../../tools/computer/page-snapshot.ts'

test('parsePageSnapshot() reads names, links, boxes and nesting of a tree of Playwright', () => {
  const { url, nodes } = parsePageSnapshot(`### Page
- Page URL: https://shop.example/cart
- Page Title: Cart
### Snapshot
\`\`\`yaml
- generic [ref=e1] [box=0,0,800,600]:
  - dialog "Sure?" [ref=e2]:
    - button "Say \\"yes\\"" [active] [ref=e3] [box=10,20,30,40]
  - 'link "Details: more" [ref=e4] [cursor=pointer]':
    - /url: /x
  - paragraph [ref=e5]: Two words
\`\`\``)

  expect(url).toBe('https://shop.example/cart')
  expect(nodes.find(({ ref }) => ref === 'e3')).toMatchObject({
    role: 'button',
    name: 'Say "yes"',
    hasFocus: true,
    box: { left: 10, top: 20, right: 40, bottom: 60 },
  })
  expect(nodes.find(({ ref }) => ref === 'e3')?.within.map((index) => nodes[index]?.ref)).toEqual(['e1', 'e2'])
  expect(nodes.find(({ ref }) => ref === 'e4')).toMatchObject({ name: 'Details: more', url: '/x' })
  expect(nodes.find(({ ref }) => ref === 'e5')).toMatchObject({ name: 'Two words', hasFocus: false })
})

test('parsePageSnapshot() reads a tree of DevTools, and the address alone where there is no tree', () => {
  const { url, nodes } = parsePageSnapshot(`uid=1_0 RootWebArea "Shop" url="https://shop.example/"
  uid=1_1 link "Cart" url="https://shop.example/cart"
  uid=1_2 textbox "Search" focusable focused`)

  expect(url).toBe('https://shop.example/')
  expect(nodes.map(({ ref, name, hasFocus }) => [ref, name, hasFocus])).toEqual([
    ['1_0', 'Shop', false],
    ['1_1', 'Cart', false],
    ['1_2', 'Search', true],
  ])
  expect(parsePageSnapshot('### Page\n- Page URL: https://a.example/\n### Snapshot\n- [Snapshot](page.yml)').url).toBe('https://a.example/')
})
