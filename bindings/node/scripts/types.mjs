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

/** The oldest TypeScript that is supported, under the resolution that knows no `exports`. */
const OLDEST = ['commonjs', 'node']

const project = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'))
const { resolve: find } = createRequire(import.meta.url)

for (const resolution of RESOLUTIONS) {
  check('typescript', 'test-d', resolution)
}
check('typescript-oldest', 'test-d/oldest', OLDEST)
const names = [...RESOLUTIONS, OLDEST].map(([, moduleResolution]) => moduleResolution)
console.log(`types: right under ${names.join(', ')}`)

function check(typescript, tests, [module, moduleResolution]) {
  const compiler = join(dirname(find(`${typescript}/package.json`)), 'bin', 'tsc')
  const options = ['--module', module, '--moduleResolution', moduleResolution]
  const { status } = spawnSync(process.execPath, [compiler, '--project', join(project, tests), ...options], {
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`types: wrong under moduleResolution ${moduleResolution} of ${typescript}`)
    process.exit(1)
  }
}
