// What an installation says that lacks a part: the native one, or the command's.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const source = dirname(require.resolve('payglot/package.json'))
const { version } = require('payglot/package.json')

/** A project whose payglot has files of the real one, and packages beside it. */
const project = (t, files, packages = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const file of ['package.json', ...files]) {
    cpSync(join(source, file), join(folder, 'node_modules/payglot', file))
  }
  for (const [name, text] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), text)
  }
  return folder
}

/** What it says when it is loaded on a platform. */
const said = async (folder, platform = process.platform, arch = process.arch) => {
  const as = (name, value) => `Object.defineProperty(process, '${name}', { value: '${value}' });`
  const code = `${as('platform', platform)} ${as('arch', arch)}
    try { require('payglot/lib/native.cjs') } catch (error) { console.log(error.message) }`
  // The file is no export of the package.
  const file = join(folder, 'node_modules/payglot/lib/native.cjs').replaceAll('\\', '\\\\')
  const { stdout } = await run(process.execPath, ['-e', code.replace('payglot/lib/native.cjs', file)], { cwd: folder })
  return stdout.trim()
}

const bare = (t, packages) => project(t, ['lib/native.cjs'], packages)

test('a missing native part: which package, and the way out, for bundles too', async (t) => {
  const message = await said(bare(t), 'linux', 'x64')
  assert.match(message, /neither @payglot\/linux-x64-gnu nor @payglot\/linux-x64-musl is installed/)
  assert.match(message, /--omit=optional/)
  assert.match(message, /serverExternalPackages: \['payglot'\]/)
  assert.match(await said(bare(t), 'darwin', 'arm64'), /@payglot\/darwin-arm64 is not installed/)
})

test('a platform without a native part: which there are', async (t) => {
  const message = await said(bare(t), 'freebsd', 'x64')
  assert.match(message, /no native part for freebsd-x64, but for darwin-arm64, .*linux-x64/)
  assert.match(message, /docs\/platforms\.md/)
})

test('a native part that cannot be loaded: why', async (t) => {
  const message = await said(
    bare(t, { '@payglot/win32-x64-msvc': "throw new Error('a library is missing')" }),
    'win32',
    'x64',
  )
  assert.match(message, /@payglot\/win32-x64-msvc could not be loaded: a library is missing/)
})

test('a native part of one C library is left for that of the other', async (t) => {
  const musl = `exports.version = () => '${version}'`
  const packages = { '@payglot/linux-x64-gnu': "throw new Error('no glibc')", '@payglot/linux-x64-musl': musl }
  assert.equal(await said(bare(t, packages), 'linux', 'x64'), '')
})

test('a native part of another version is not taken', async (t) => {
  const packages = { '@payglot/darwin-x64': "exports.version = () => '0.0.1'" }
  assert.match(await said(bare(t, packages), 'darwin', 'x64'), /the native part is version 0\.0\.1, the package is/)
})

test('the command: of PAYGLOT_BIN, of @payglot/cli of the same version, else of the path', async (t) => {
  const found = async (packages, variable = '') => {
    const folder = project(t, ['lib/command.cjs'], packages)
    const file = JSON.stringify(join(folder, 'node_modules/payglot/lib/command.cjs'))
    const code = `try { console.log(require(${file}).find()) } catch (error) { console.log(error.message) }`
    const env = { ...process.env, PAYGLOT_BIN: variable }
    const { stdout } = await run(process.execPath, ['-e', code], { cwd: folder, env })
    return stdout.trim()
  }
  const cli = (of) => ({ '@payglot/cli': `exports.version = '${of}'; exports.path = () => '/bin/of-the-package'` })
  assert.equal(await found(cli(version)), '/bin/of-the-package')
  assert.equal(await found(cli(version), '/bin/mine'), '/bin/mine')
  assert.match(await found({}), /^payglot(\.exe)?$/)
  assert.match(await found(cli('0.0.1')), /@payglot\/cli is version 0\.0\.1, payglot is .*; install both anew/)
})
