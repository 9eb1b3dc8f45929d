// Checks the types in test-d/ under each way that TypeScript resolves modules.
//
//   node scripts/types.mjs [folder of a project that has payglot installed, and a copy of test-d/]

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const RESOLUTIONS = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['preserve', 'bundler'],
]

const project = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'))
const typescript = createRequire(import.meta.url).resolve('typescript/package.json')

for (const [module, moduleResolution] of RESOLUTIONS) {
  const { status } = spawnSync(
    process.execPath,
    [
      join(dirname(typescript), 'bin', 'tsc'),
      '--project',
      join(project, 'test-d'),
      '--module',
      module,
      '--moduleResolution',
      moduleResolution,
    ],
    { stdio: 'inherit' },
  )
  if (status !== 0) {
    console.error(`types: wrong under moduleResolution ${moduleResolution}`)
    process.exit(1)
  }
}
console.log(`types: right under ${RESOLUTIONS.map(([, resolution]) => resolution).join(', ')}`)
