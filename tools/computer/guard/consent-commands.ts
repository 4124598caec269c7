import type { ConsentClass } from './consent-classes.ts'
import type { WordHit } from './consent-words.ts'

/** What a line does when a command line runs it. */
const commands: readonly (readonly [ConsentClass, RegExp])[] = [
  [
    'delete',
    /\b(?:rm|rmdir|del|erase|shred|unlink|srm|rd|trash|Remove-Item|git clean|git reset --hard|git push .*(?:--force|-f\b)|drop (?:table|database)|truncate table|delete from|docker (?:system )?prune|kubectl delete|terraform destroy|mkfs|format [a-z]:|diskpart|dd if=|wipefs|dropdb|aws s3 rm|flushall)\b/i,
  ],
  [
    'install',
    /\b(?:apt(?:-get)?|yum|dnf|brew|choco|winget|pip3?|npm|pnpm|yarn|gem|cargo|go|snap|flatpak|pacman|dpkg|msiexec|npx|uvx)\b.{0,40}\b(?:install|add|upgrade|update|remove|uninstall|-i|-S|exec)\b|\|\s*(?:sudo )?(?:ba|z)?sh\b|\bpowershell\b.*-(?:e|enc|command|file)|\biex\b|Invoke-Expression|\bbash -c\b|\bchmod \+x\b|\bnpx\b|\bcurl\b.*\|/i,
  ],
  [
    'system',
    /\b(?:sudo|su|ufw|iptables|nft|netsh|firewall-cmd|systemctl|launchctl|csrutil|spctl|setenforce|bcdedit|reg (?:add|delete)|Set-MpPreference|shutdown|reboot|poweroff|passwd|visudo|crontab|mount|umount|nmcli|networksetup|sc (?:stop|config)|useradd|adduser)\b/i,
  ],
  ['account', /\b(?:useradd|adduser|createuser|New-LocalUser|net user \S+ .*\/add|create (?:user|login)\b|htpasswd -c)/i],
  ['rename', /^(?:sudo )?(?:mv|ren|rename|git mv|Move-Item|Rename-Item)\b/i],
  [
    'credential',
    /\b(?:passwd|chpasswd|htpasswd|ssh-keygen|gpg --(?:full-)?gen(?:erate)?-key|net user \S+ [^/\s]+$|alter user .* password|smbpasswd)\b/i,
  ],
  ['login', /^(?:ssh|su|docker login|gh auth login|az login|aws sso login|npm login|gcloud auth login|heroku login|kinit)\b/i],
  [
    'bypass',
    /(?:--insecure|--no-check-certificate|--no-verify|--trusted-host|--allow-unauthenticated|--force-yes|--no-gpg-check|--skip-certificate-check|-SkipCertificateCheck|StrictHostKeyChecking[= ]no|NODE_TLS_REJECT_UNAUTHORIZED=0|sslVerify[= ]false|GIT_SSL_NO_VERIFY|-ExecutionPolicy (?:Bypass|Unrestricted))|\bcurl\b.*\s-[a-zA-Z]*k\b/i,
  ],
  ['terms', /(?:ACCEPT_EULA=\w|--accept-(?:eula|licen[cs]es?|package-agreements|source-agreements|tos)|sdkmanager --licenses)/i],
  [
    'permission',
    /\b(?:chmod|chown|icacls|setfacl|usermod|net localgroup|ssh-copy-id|grant (?:all|select)|aws iam|gcloud .*iam|gh auth|kubectl create (?:role|clusterrole))/i,
  ],
  ['upload', /\b(?:scp|rsync|sftp|aws s3 (?:cp|sync)|gsutil cp|rclone (?:copy|sync)|curl .*(?:-T|--upload-file|-F ))/i],
  [
    'send',
    /\b(?:git push|scp|rsync|sendmail|curl .*(?:-d|--data|-F|-T|--upload-file|-X ?(?:POST|PUT))|npm publish|nc |sftp|ftp|gh pr create|mail -s)\b/i,
  ],
]

export function classesOfCommand(text: string, { isShell, submits }: { isShell: boolean; submits: boolean }): readonly WordHit[] {
  const line = text.trim()
  const found = commands.flatMap(([name, pattern]) => {
    const match = pattern.exec(line)
    // Outside of a command line such words are prose, unless the line is one from its beginning.
    return match === null || (!isShell && match.index > 5) ? [] : [{ class: name, words: match[0].slice(0, 60) }]
  })
  const hits = isShell
    ? found
    : found.filter(() => /^(?:sudo |rm -|del \/|curl |npm |pip |apt|powershell|chmod |git push|shutdown|format [a-z]:)/i.test(line))
  return isShell && submits && hits.length === 0 && line !== '' ? [{ class: 'install', words: 'a command' }] : hits
}
