'use strict'

// Where the program `payglot` is: in the package that npm installs for the platform.

const { version } = require('./package.json')

const NAME = process.platform === 'win32' ? 'payglot.exe' : 'payglot'
const PACKAGES = {
  'darwin-arm64': ['@payglot/cli-darwin-arm64'],
  'darwin-x64': ['@payglot/cli-darwin-x64'],
  'linux-arm64': ['@payglot/cli-linux-arm64-gnu', '@payglot/cli-linux-arm64-musl'],
  'linux-x64': ['@payglot/cli-linux-x64-gnu', '@payglot/cli-linux-x64-musl'],
  'win32-x64': ['@payglot/cli-win32-x64-msvc'],
}

/** The path of the program; fails with what to do where there is none for this platform. */
function path() {
  const platform = `${process.platform}-${process.arch}`
  const packages = PACKAGES[platform]
  if (packages === undefined) {
    const known = Object.keys(PACKAGES).join(', ')
    throw new Error(`@payglot/cli: there is no program for ${platform}, but for ${known}; name one in PAYGLOT_BIN`)
  }
  const programs = packages.flatMap((name) => {
    try {
      return [require.resolve(`${name}/bin/${NAME}`)]
    } catch {
      return []
    }
  })
  if (programs.length === 0) {
    throw new Error(
      `@payglot/cli: ${packages.join(' or ')} is not installed; install @payglot/cli anew on this machine and without ` +
        '--omit=optional; where node_modules and the lock file come from another machine, remove both first',
    )
  }
  // Some package managers install for both C libraries.
  return programs.length > 1 && !isGlibc() ? programs[1] : programs[0]
}

function isGlibc() {
  // Without its addresses, whose names would be asked of the network.
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime !== undefined
}

module.exports = { path, version }
