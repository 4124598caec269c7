import { Argument, type Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

export function addCompletions(program: Command, terminal: Terminal): void {
  program
    .command('completions')
    .addArgument(new Argument('<shell>', 'whose completions').choices(shells))
    .description('print a script that completes commands and options in a shell')
    .action((shell: (typeof shells)[number], _options: unknown, command: Command) => {
      const script = scripts[shell](wordsOf(program))
      if (command.optsWithGlobals<GlobalOptions>().json === true) printJson(terminal, { shell, script })
      else printText(terminal, script)
    })
}

/** What may follow each command, by its words: `''` is the program itself, `tools list` a command of a command. */
type Words = ReadonlyMap<string, readonly string[]>

function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>()
  const shared = longOptions(program)
  const look = (command: Command, path: string) => {
    const names = command.commands.map((one) => one.name())
    words.set(path, [...names, ...new Set([...longOptions(command), ...shared, '--help'])])
    for (const one of command.commands) look(one, path === '' ? one.name() : `${path} ${one.name()}`)
  }
  look(program, '')
  return words
}

function longOptions(command: Command): string[] {
  return command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []))
}

/** Names of commands and options have letters, digits and dashes alone: nothing in them means anything to a shell. */
const scripts: Record<(typeof shells)[number], (words: Words) => string> = {
  bash: (words) => `# In ~/.bashrc: source <(signalbox completions bash)
_signalbox() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word next words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
      ${[...words.keys()]
        .filter((path) => path !== '')
        .map((path) => `"${path}"`)
        .join(' | ')}) path="$next" ;;
    esac
  done
  case "$path" in
${[...words].map(([path, all]) => `    "${path}") words="${all.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _signalbox signalbox
`,
  zsh: (words) => `#compdef signalbox
# In a folder of $fpath, as _signalbox; or in ~/.zshrc: source <(signalbox completions zsh)
_signalbox() {
  local path_ word next
  typeset -A known
  known=(
${[...words].map(([path, all]) => `    '${path || '-'}' '${all.join(' ')}'`).join('\n')}
  )
  path_='-'
  for word in "\${words[@]:1:CURRENT-2}"; do
    next="\${\${path_:#-}:+$path_ }$word"
    (( \${+known[$next]} )) && path_="$next"
  done
  compadd -- \${=known[$path_]}
  [[ "\${words[CURRENT]}" == -* ]] || _files
}
compdef _signalbox signalbox
`,
  fish: (words) => `# In ~/.config/fish/completions/signalbox.fish
function __signalbox_path
  set -l known ${[...words.keys()]
    .filter((path) => path !== '')
    .map((path) => `'${path}'`)
    .join(' ')}
  set -l path ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    contains -- $next $known; and set path $next
  end
  echo $path
end
${[...words].map(([path, all]) => `complete -c signalbox -n "test (__signalbox_path) = '${path}'" -a '${all.join(' ')}'`).join('\n')}
`,
  powershell: (words) => `# In $PROFILE: signalbox completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName signalbox -ScriptBlock {
  param($current, $ast, $position)
  $known = @{
${[...words].map(([path, all]) => `    '${path}' = '${all.join(' ')}'`).join('\n')}
  }
  $path = ''
  foreach ($element in $ast.CommandElements | Select-Object -Skip 1) {
    $next = "$path $element".Trim()
    if ($known.ContainsKey($next)) { $path = $next }
  }
  $known[$path].Split(' ') | Where-Object { $_ -like "$current*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}
