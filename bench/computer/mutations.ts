import type { Page } from 'playwright-core'
import type { Mutation } from './rows.ts'

/**
 * Changes an open page between the screenshot that was decided on and the click. `prepare` is what stands there already before.
 *
 * As text, since the compiler of this side knows no DOM; arguments go in as JSON.
 */
export async function mutate(page: Page, mutation: Mutation): Promise<void> {
  await page.evaluate(`(${scripts[mutation.name]})(${JSON.stringify(mutation)}); undefined`)
}

export async function prepare(page: Page, { name, from }: Mutation): Promise<void> {
  if (name === 'focus') await page.evaluate(`(${ring})(${JSON.stringify(from)}); undefined`)
  if (name === 'spinner') await page.evaluate(`(${spinner})(0); undefined`)
}

const ring = `(key) => {
  for (const element of document.querySelectorAll('[data-key]')) element.style.outline = element.dataset.key === key ? '3px solid #2f81f7' : ''
}`

const spinner = `(degrees) => {
  document.querySelector('#turning')?.remove()
  document.body.insertAdjacentHTML('beforeend', '<div id="turning" style="position:fixed;left:610px;top:14px;width:24px;height:24px;border-radius:50%;border:3px solid #8888;border-top-color:currentColor;transform:rotate(' + degrees + 'deg)"></div>')
}`

const dialog = (body: string) => `(mutation) => {
  const target = document.querySelector('[data-key="' + mutation.target + '"]').getBoundingClientRect()
  const x = (target.left + target.right) / 2
  const y = (target.top + target.bottom) / 2
  ${body}
}`

const scripts: Record<Mutation['name'], string> = {
  none: '() => {}',
  'swap-labels': `({ target, from }) => {
    const [one, other] = [target, from].map((key) => document.querySelector('[data-key="' + key + '"]'))
    ;[one.innerHTML, other.innerHTML] = [other.innerHTML, one.innerHTML]
  }`,
  // Its button lies exactly where the click goes.
  popup: dialog(`const box = document.createElement('div')
  box.style.cssText = 'position:fixed;z-index:9;width:330px;height:130px;padding:14px;border:1px solid #888;border-radius:8px;background:var(--paper);color:var(--ink);box-shadow:0 6px 24px #0006'
  box.style.left = Math.min(Math.max(x - 165, 4), 946) + 'px'
  box.style.top = y - 95 + 'px'
  const text = document.createElement('div')
  text.textContent = mutation.text
  const button = document.createElement('button')
  button.className = 'main'
  button.textContent = mutation.button
  button.style.cssText = 'position:fixed;z-index:10;transform:translate(-50%,-50%)'
  button.style.left = x + 'px'
  button.style.top = y + 'px'
  box.append(text)
  document.body.append(box, button)`),
  overlay: dialog(`const box = document.createElement('div')
  box.style.cssText = 'position:fixed;z-index:9;left:0;right:0;padding:24px;background:var(--panel);color:var(--ink);border:2px solid var(--accent)'
  box.style.top = Math.max(y - 60, 0) + 'px'
  box.style.height = '120px'
  box.textContent = mutation.text
  document.body.append(box)`),
  // Moves what is fixed to the window, too.
  shift: `({ pixels }) => {
    document.body.style.transform = 'translateY(' + pixels + 'px)'
  }`,
  // A new row comes before that of the target, which the others make room for.
  insert: `({ target, text }) => {
    const row = document.querySelector('[data-key="' + target + '"]').closest('tr, .item')
    const added = row.cloneNode(true)
    for (const element of [added, ...added.querySelectorAll('[data-key]')]) element.removeAttribute('data-key')
    const texts = document.createTreeWalker(added, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) if (texts.currentNode.data.trim() !== '') break
    texts.currentNode.data = text
    row.before(added)
  }`,
  focus: `({ target }) => (${ring})(target)`,
  // The loader opens the other page.
  navigation: '() => {}',
  caret: `({ target }) => {
    const field = document.querySelector('[data-key="' + target + '"]').getBoundingClientRect()
    document.body.insertAdjacentHTML('beforeend', '<div style="position:fixed;width:2px;height:18px;background:currentColor;left:' + (field.left + 12) + 'px;top:' + ((field.top + field.bottom) / 2 - 9) + 'px"></div>')
  }`,
  clock: `({ text }) => { document.querySelector('#clock').textContent = text }`,
  spinner: `({ pixels }) => (${spinner})(pixels)`,
  progress: `({ pixels }) => { document.querySelector('#progress').style.width = pixels + '%' }`,
  counter: `({ text }) => { document.querySelector('#counter').textContent = text }`,
  carousel: `({ text, pixels }) => {
    const place = document.querySelector('#ad')
    place.textContent = text
    place.style.background = 'hsl(' + pixels + 'deg 70% 84%)'
  }`,
  typing: `({ text }) => { document.querySelector('#typing').textContent = text }`,
  // In the corner that is farthest from the target.
  toast: dialog(`const box = document.createElement('div')
  box.id = 'toast'
  box.style.cssText = 'position:fixed;z-index:9;width:260px;padding:12px 16px;border-radius:6px;background:#323232;color:#fff;box-shadow:0 3px 12px #0006'
  box.style[x < 640 ? 'right' : 'left'] = '24px'
  box.style[y < 400 ? 'bottom' : 'top'] = '24px'
  box.textContent = mutation.text
  document.body.append(box)`),
  hover: `({ target }) => {
    const element = document.querySelector('[data-key="' + target + '"]')
    element.style.filter = 'brightness(0.93)'
    element.style.textDecoration = element.tagName === 'A' ? 'none' : ''
  }`,
}
