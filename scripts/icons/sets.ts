import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What a set is used for: whole sets are held out, since two drawings of one hand are alike. */
export type SetUse = 'train' | 'choose' | 'test'

export interface IconSet {
  /** On the npm registry. */
  readonly package: string
  readonly version: string
  readonly licence: string
  readonly use: SetUse
  /** Folders of the package with its drawings. */
  readonly folders: readonly string[]
  /** Of several sizes of one drawing, the one that is taken. */
  readonly only?: RegExp
  /** What a file's name has besides the name of what it shows. */
  readonly besides?: RegExp
}

/** The sets whose drawings the weights are learnt from, chosen and tested by. Install these versions into one folder to train again. */
export const iconSets: readonly IconSet[] = [
  { package: 'lucide-static', version: '1.62.0', licence: 'ISC', use: 'train', folders: ['icons'] },
  { package: '@tabler/icons', version: '3.52.0', licence: 'MIT', use: 'train', folders: ['icons/outline', 'icons/filled'] },
  { package: 'bootstrap-icons', version: '1.13.2', licence: 'MIT', use: 'train', folders: ['icons'] },
  {
    package: '@material-symbols/svg-400',
    version: '0.48.2',
    licence: 'Apache-2.0',
    use: 'train',
    folders: ['outlined', 'rounded'],
  },
  { package: '@mdi/svg', version: '7.4.47', licence: 'Apache-2.0', use: 'train', folders: ['svg'] },
  {
    package: '@phosphor-icons/core',
    version: '2.1.1',
    licence: 'MIT',
    use: 'train',
    folders: ['assets/regular', 'assets/bold', 'assets/fill', 'assets/light'],
    besides: /-(?:bold|fill|light)$/,
  },
  { package: 'ionicons', version: '8.1.0', licence: 'MIT', use: 'train', folders: ['dist/svg'] },
  { package: 'feather-icons', version: '4.29.2', licence: 'MIT', use: 'train', folders: ['dist/icons'] },
  {
    package: '@fluentui/svg-icons',
    version: '1.1.343',
    licence: 'MIT',
    use: 'train',
    folders: ['icons'],
    only: /_20_(?:regular|filled)$/,
    besides: /_20_(?:regular|filled)$/,
  },
  {
    package: 'remixicon',
    version: '4.2.0',
    licence: 'Apache-2.0',
    use: 'train',
    folders: [
      'Arrows',
      'Business',
      'Communication',
      'Design',
      'Device',
      'Document',
      'Editor',
      'Finance',
      'Map',
      'Media',
      'Others',
      'System',
      'User & Faces',
      'Weather',
    ].map((folder) => `icons/${folder}`),
  },
  { package: '@carbon/icons', version: '11.89.0', licence: 'Apache-2.0', use: 'train', folders: ['svg/32'] },
  { package: 'iconoir', version: '7.12.1', licence: 'MIT', use: 'train', folders: ['icons/regular', 'icons/solid'] },
  { package: '@mynaui/icons', version: '0.4.11', licence: 'MIT', use: 'train', folders: ['icons', 'icons-solid'] },
  { package: 'boxicons', version: '2.1.4', licence: 'MIT', use: 'train', folders: ['svg/regular', 'svg/solid'], besides: /^bxs?-/ },
  { package: 'heroicons', version: '2.2.0', licence: 'MIT', use: 'choose', folders: ['24/outline', '24/solid', '16/solid'] },
  { package: 'eva-icons', version: '1.1.3', licence: 'MIT', use: 'choose', folders: ['fill/svg', 'outline/svg'] },
  { package: 'grommet-icons', version: '4.14.0', licence: 'Apache-2.0', use: 'choose', folders: ['img'], besides: /^form-/ },
  { package: '@primer/octicons', version: '19.42.0', licence: 'MIT', use: 'test', folders: ['build/svg'], only: /-(?:16|24)$/ },
  {
    package: '@ant-design/icons-svg',
    version: '4.6.0',
    licence: 'MIT',
    use: 'test',
    folders: ['inline-svg/outlined', 'inline-svg/filled'],
  },
]

export interface IconFile {
  readonly set: IconSet
  readonly path: string
  /** What it shows, without what says how it is drawn. */
  readonly name: string
}

const manner =
  /-(?:outline|outlined|filled|fill|sharp|rounded|round|line|solid|regular|bold|simple|variant|alt|thin|light|\d+|one|two)(?=-|$)/g

/** The files of a set below the folder of the packages. */
export function filesOf(set: IconSet, packages: string): IconFile[] {
  return set.folders.flatMap((folder) =>
    readdirSync(join(packages, set.package, folder))
      .filter((file) => file.endsWith('.svg') && (set.only?.test(file.slice(0, -4)) ?? true))
      .map((file) => ({ set, path: join(packages, set.package, folder, file), name: nameOf(file, set) })),
  )
}

function nameOf(file: string, { besides = /$^/ }: IconSet): string {
  const name = basename(file, '.svg').replace(besides, '').replaceAll(/[_.]+/g, '-').toLowerCase()
  return `-${name}`.replaceAll('--', '-').replaceAll(manner, '').replace(/^-/, '')
}
