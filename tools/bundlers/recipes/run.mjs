// Builds and runs the recipes of docs/bundlers.md, in a folder that has the tools and payglot in its node_modules.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const EXPECTED = 'APIConnectionError'
const env = { ...process.env, CI: '1' }

/** Each bundler: what builds the bundle, and the bundle. */
const BUNDLES = {
  esbuild: [
    'esbuild call.mjs --bundle --platform=node --format=esm --external:payglot --outfile=out/esbuild.mjs',
    'out/esbuild.mjs',
  ],
  'esbuild, copied': [
    'esbuild call.cjs --bundle --platform=node --loader:.node=copy --outfile=out/esbuild.cjs',
    'out/esbuild.cjs',
  ],
  webpack: ['webpack', 'out/webpack.cjs'],
  Rollup: ['rollup call.mjs --external payglot --format es --file out/rollup.mjs', 'out/rollup.mjs'],
  Vite: ['vite build', 'out/vite/call.mjs'],
  ncc: ['ncc build call.cjs --no-cache --out out/ncc', 'out/ncc/index.cjs'],
  tsup: ['tsup call.mjs --external payglot --format esm --out-dir out/tsup', 'out/tsup/call.mjs'],
}

function run(command, ...words) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8', env })
  if (status !== 0) {
    throw new Error(`${command} ${words.join(' ')}: ${error ?? stdout + stderr}`)
  }
  return stdout
}

function tool(line) {
  const [name, ...words] = line.split(' ')
  return run(`node_modules/.bin/${name}`, ...words)
}

function expect(name, shown) {
  if (shown.trim() !== EXPECTED) {
    throw new Error(`${name}: it shows ${shown}`)
  }
  console.log(`${name}: built, and makes a call`)
}

rmSync('out', { recursive: true, force: true })
for (const [name, [build, bundle]] of Object.entries(BUNDLES)) {
  tool(build)
  expect(name, run(process.execPath, bundle))
}
tool('jest --testMatch **/jest.test.cjs')
tool('vitest run vitest.test.mjs')
console.log('Jest, Vitest: a test makes a call')
