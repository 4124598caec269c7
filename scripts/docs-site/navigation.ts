/** The pages of the site, in the order in which somebody would read them. Each file of `docs/` stands here once. */
export const navigation: readonly { readonly title: string; readonly pages: readonly string[] }[] = [
  { title: 'Begin', pages: ['concepts', 'tutorial', 'cookbook', 'clients', 'install', 'troubleshooting'] },
  { title: 'Use', pages: ['tools', 'console', 'memory', 'hosting-tools', 'computer-use', 'gateway', 'clients-http', 'cache'] },
  { title: 'Decide', pages: ['policies', 'signals', 'selectors', 'privacy', 'safety', 'evaluation'] },
  { title: 'Run', pages: ['configuration', 'providers', 'security', 'observability', 'releasing'] },
  { title: 'Behind it', pages: ['architecture', 'library', 'measurements', 'comparison'] },
]
