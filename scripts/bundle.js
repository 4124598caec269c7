// Joins the compiled program and the packages that it loads into few files: reading nine hundred small ones was a third of a start.
// Run by the build, after the compiler; what it writes is the command, while `dist` beside it stays what workers and importers load.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './process.js'

const dist = join(root, 'dist')
const folder = join(dist, 'program')
/** These hold machine code, files of their own, or what is looked up by name while the program runs. */
const leftOutside = /^(better-sqlite3|sharp|onnxruntime-node|onnxruntime-web|@gutenye\/ocr-models|@secretlint\/.+|@pydantic\/.+)(\/|$)/

/** A module goes on finding its workers and data beside the file that it was compiled to. @type {import('rolldown').Plugin} */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(dist + sep) || !code.includes('import.meta.url')) return null
    const place = JSON.stringify(`../${relative(dist, id).split(sep).join('/')}`)
    return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) }
  },
}

rmSync(folder, { recursive: true, force: true })
const bundle = await rolldown({
  input: { main: join(dist, 'src/cli/main.js'), start: join(dist, 'src/cli/start.js') },
  cwd: root,
  platform: 'node',
  external: leftOutside,
  plugins: [keepPlaces],
})
const { output } = await bundle.write({ dir: folder, format: 'esm', chunkFileNames: '[name]-[hash].js' })
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
writeFileSync(join(folder, 'LICENSES.txt'), licences(new Set(modules.flatMap((id) => packageOf(id) ?? []))))

/** @param {string} id a module's file @returns {string | undefined} the folder of the package that it comes from */
function packageOf(id) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0]
}

/**
 * The licence of each package whose code is in the bundle, as it stands there.
 *
 * @param {Set<string>} packages their folders
 */
function licences(packages) {
  const texts = [...packages]
    .filter((place) => existsSync(join(place, 'package.json')))
    .map((place) => {
      const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
      const files = readdirSync(place)
        .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
        .sort()
      const words = files.map((file) => readFileSync(join(place, file), 'utf8').trim())
      return [`${name} ${version} (${license})`, ...words].join('\n\n')
    })
  return `This folder holds code of the packages below, each under the licence that stands with it.\n\n${texts.sort().join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
