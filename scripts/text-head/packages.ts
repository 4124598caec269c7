import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * Texts of programs and manuals in several languages, as harmless as they are many: what the packages say in whose folders they lie.
 * `SIGNALBOX_TEXTS` names a folder in which typescript@5.9.3 (Apache-2.0) and monaco-editor@0.52.2 (MIT) have been unpacked.
 */
const folder = process.env['SIGNALBOX_TEXTS']

export function textsOfPrograms(): { kind: string; text: string }[] {
  if (folder === undefined)
    throw new Error('Cannot train: SIGNALBOX_TEXTS must name a folder with typescript-5.9.3 and monaco-editor-0.52.2')
  const languages = ['de', 'zh-cn', 'es', 'fr']
  const messages = languages.flatMap((language) => {
    const compiler: Record<string, string> = JSON.parse(
      readFileSync(join(folder, 'typescript-5.9.3/lib', language, 'diagnosticMessages.generated.json'), 'utf8'),
    )
    const editor = readFileSync(join(folder, 'monaco-editor-0.52.2/min/vs', `nls.messages.${language}.js`), 'utf8')
    const isMain = language === 'de' || language === 'zh-cn'
    return [...Object.values(compiler).filter((_, place) => place % (isMain ? 2 : 4) === 0), ...stringsIn(editor)].map((text) => ({
      kind: `program ${language}`,
      text: text.replaceAll(/\{\d\}/g, 'x').slice(0, 300),
    }))
  })
  // English stands in the program itself.
  const english = Array.from(
    readFileSync(join(folder, 'monaco-editor-0.52.2/dev/vs/editor/editor.main.js'), 'utf8').matchAll(
      /localize2?\(\d+, "((?:[^"\\\n]|\\.)*)"/g,
    ),
    ([, text = '']) => ({ kind: 'program en', text: text.slice(0, 300) }),
  )
  return [...messages, ...english, ...manuals().map((text) => ({ kind: 'manual', text }))].filter(({ text }) => text.trim().length > 2)
}

/** The lists of texts in a file of translations. */
function stringsIn(source: string): string[] {
  return Array.from(source.matchAll(/"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g), ([, double, single]) => double ?? single ?? '').map(
    (text) =>
      text.replaceAll(/\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\n/g, (_, short?: string, long?: string) =>
        short || long ? String.fromCharCode(Number.parseInt(short ?? long ?? '20', 16)) : ' ',
      ),
  )
}

/** Lines of the manuals of scoped packages that are installed here; those of the others are left to look at. */
function manuals(): string[] {
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  const packages = readdirSync(modules)
    .filter((name) => name.startsWith('@'))
    .flatMap((scope) => readdirSync(join(modules, scope)).map((name) => join(modules, scope, name)))
  const lines = packages.toSorted().flatMap((path) => {
    const file = join(path, 'README.md')
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .replaceAll(/^```[\s\S]*?^```/gm, '')
          .split('\n')
      : []
  })
  return [
    ...new Set(lines.map((line) => line.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/^[\s*\-#>|`]+|[\s|`]+$/g, ''))),
  ].filter((line) => line.length > 15 && line.length < 300)
}
