// The search of the site, over what `search-index.js` holds, and the menu, which is folded where there is little room.
const field = /** @type {HTMLInputElement} */ (document.getElementById('site-search'))
const list = /** @type {HTMLElement} */ (document.getElementById('site-found'))
const most = 12
/** @type {any} */
let index

field.form?.addEventListener('submit', (event) => {
  event.preventDefault()
  list.querySelector('a')?.click()
})
field.addEventListener('input', () => {
  list.replaceChildren(...find(field.value).map(entry))
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') list.replaceChildren()
  if (event.key === '/' && document.activeElement === document.body) {
    event.preventDefault()
    field.focus()
  }
})

const menu = document.querySelector('nav details')
if (matchMedia('(width < 50rem)').matches) menu?.removeAttribute('open')

/** @param {string} words */
function find(words) {
  if (index === undefined) {
    const { MiniSearch, siteSections } = /** @type {any} */ (window)
    index = new MiniSearch({
      fields: ['heading', 'text'],
      storeFields: ['title', 'heading'],
      searchOptions: { prefix: true, fuzzy: 0.15, boost: { heading: 3 }, combineWith: 'AND' },
    })
    index.addAll(siteSections)
  }
  return words.trim() === '' ? [] : index.search(words).slice(0, most)
}

/** @param {{ id: string, title: string, heading: string }} found */
function entry({ id, title, heading }) {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = `${document.body.dataset['root'] ?? ''}${id}`
  link.textContent = title === heading ? title : `${title}: ${heading}`
  item.append(link)
  return item
}
