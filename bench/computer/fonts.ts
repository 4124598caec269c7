import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, normalize, sep } from 'node:path'

/** Each under the SIL Open Font License: a page looks the same on machines that have no such fonts. */
const packages = {
  sans: { family: 'Open Sans', package: 'open-sans' },
  serif: { family: 'Lora', package: 'lora' },
  mono: { family: 'JetBrains Mono', package: 'jetbrains-mono' },
  chinese: { family: 'ZCOOL XiaoWei', package: 'zcool-xiaowei' },
} as const

export type FontName = 'sans' | 'serif' | 'mono'

/** A host that the renderer answers from the packages. */
export const fontHost = 'fonts.example'

const require = createRequire(import.meta.url)

/** The value of `font-family`: Chinese letters come from one font whatever the others are. */
export function fontFamily(name: FontName): string {
  return `'${packages[name].family}', '${packages.chinese.family}'`
}

export function fontFaces(): string {
  return Object.values(packages)
    .map(({ package: name }) =>
      readFileSync(join(folderOf(name), '400.css'), 'utf8').replaceAll('./files/', `https://${fontHost}/${name}/`),
    )
    .join('\n')
}

/** What stands under a path of `fontHost`. */
export function fontFile(path: string): Uint8Array {
  const [name = '', file = ''] = normalize(path).split(sep).filter(Boolean)
  return readFileSync(join(folderOf(name), 'files', file))
}

function folderOf(name: string): string {
  return dirname(require.resolve(`@fontsource/${name}/400.css`))
}
