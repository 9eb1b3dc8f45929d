// Builds and runs the recipes of docs/bundlers.md, in a folder that has the tools and payglot in its node_modules.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const EXPECTED = 'APIConnectionError'
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CI: '1' }

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

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** Starts what `next build` built, and asks its route. */
async function next(bundler) {
  rmSync('.next', { recursive: true, force: true })
  tool(`next build --${bundler}`)
  const port = await freePort()
  const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--port', String(port)], {
    env,
    stdio: 'ignore',
  })
  try {
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/api`).catch(() => undefined)
      if (response !== undefined || attempt === 300) {
        return expect(`Next.js, ${bundler}`, (await response?.text()) ?? 'nothing')
      }
      await sleep(100)
    }
  } finally {
    server.kill()
  }
}

rmSync('out', { recursive: true, force: true })
for (const [name, [build, bundle]] of Object.entries(BUNDLES)) {
  tool(build)
  expect(name, run(process.execPath, bundle))
}
tool('jest --testMatch **/jest.test.cjs')
tool('vitest run vitest.test.mjs')
console.log('Jest, Vitest: a test makes a call')
await next('turbopack')
await next('webpack')
