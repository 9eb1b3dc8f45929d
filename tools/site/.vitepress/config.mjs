// The site of `cargo xtask docs`: pages are what it has put into `pages/`.

import { defineConfig } from 'vitepress'

const page = (text, link) => ({ text, link: `/${link}` })

export default defineConfig({
  title: 'payglot',
  description: 'Client SDKs for payment and card APIs, generated from OpenAPI documents',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: 'pages',
  outDir: process.env.SITE_OUT,
  cleanUrls: false,
  lastUpdated: false,
  // Pages are written for readers of the repository too: `<platform>` in them is no HTML.
  markdown: { html: false },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/payglot/payglot' }],
    outline: [2, 3],
    nav: [page('Guides', 'calls'), page('Reference', 'reference/'), page('Proof', 'replay-safety')],
    sidebar: [
      { text: 'Start', items: [page('Five lines', '')] },
      {
        text: 'Guides',
        items: [
          page('Calls', 'calls'),
          page('Payments', 'payments'),
          page('The journal', 'journal'),
          page('Errors', 'errors'),
          page('Webhooks', 'webhooks'),
          page('Frameworks', 'frameworks'),
          page('The inbox', 'inbox'),
          page('Testing', 'testing'),
          page('The sandbox', 'sandbox'),
          page('The crash lab', 'crash-lab'),
          page('Export', 'export'),
          page('Reconcile', 'reconcile'),
          page('The command line', 'command-line'),
          page('Your own HTTP client', 'own-http-client'),
        ],
      },
      {
        text: 'Running it',
        items: [
          page('Going to production', 'going-to-production'),
          page('Platforms', 'platforms'),
          page('Bundlers', 'bundlers'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('All of it', 'reference/'),
          page('Paywint Platform', 'reference/paywint-platform'),
          page('Paywint Developer', 'reference/paywint-developer'),
          page('Linora', 'reference/linora'),
          page('Errors', 'reference/errors'),
          page('Look-ups', 'reference/lookups'),
        ],
      },
      {
        text: 'How it is shown',
        items: [
          page('Replay safety', 'replay-safety'),
          page('Benchmarks', 'benchmarks'),
          page('How it was measured', 'benchmarks-notes'),
          page('Endurance', 'endurance'),
          page('Conformance', 'conformance'),
          page('What others found', 'conformance-notes'),
          page('What is confirmed', 'confirmed'),
        ],
      },
      {
        text: 'How it is made',
        items: [
          page('Adding a provider', 'adding-a-provider'),
          page('Any document', 'any-document'),
          page('Architecture', 'architecture'),
        ],
      },
    ],
  },
})
