'use strict'

// Finds the native part for this platform: one that was built beside the sources, else the package that npm installs
// for the platform. There is no build at installation and nothing is downloaded.

const { version } = require('../package.json')

const platform = `${process.platform}-${process.arch}`

const PACKAGES = {
  'darwin-arm64': ['@payglot/darwin-arm64'],
  'darwin-x64': ['@payglot/darwin-x64'],
  'linux-arm64': ['@payglot/linux-arm64-gnu', '@payglot/linux-arm64-musl'],
  'linux-x64': ['@payglot/linux-x64-gnu', '@payglot/linux-x64-musl'],
  'win32-x64': ['@payglot/win32-x64-msvc'],
}

const ANEW =
  'install payglot anew on this machine and without --omit=optional; where node_modules and the lock file come from ' +
  'another machine, remove both first'
const BUNDLED =
  "in a bundle keep payglot outside of it: `external: ['payglot']` of esbuild and Rollup, `externals` of webpack, " +
  "`serverExternalPackages: ['payglot']` of Next.js"

const native = load()

if (native.version() !== version) {
  throw new Error(
    `payglot: the native part is version ${native.version()}, the package is ${version}; install payglot anew`,
  )
}

/**
 * What a package, or the build beside the sources, exports. Each has a `require` of its own, so that tools that follow or copy what
 * a program needs find it; and within a `try`, so that bundlers let those be missing that are not installed.
 */
function required(name, broken) {
  try {
    switch (name) {
      case '@payglot/darwin-arm64':
        return require('@payglot/darwin-arm64')
      case '@payglot/darwin-x64':
        return require('@payglot/darwin-x64')
      case '@payglot/linux-arm64-gnu':
        return require('@payglot/linux-arm64-gnu')
      case '@payglot/linux-arm64-musl':
        return require('@payglot/linux-arm64-musl')
      case '@payglot/linux-x64-gnu':
        return require('@payglot/linux-x64-gnu')
      case '@payglot/linux-x64-musl':
        return require('@payglot/linux-x64-musl')
      case '@payglot/win32-x64-msvc':
        return require('@payglot/win32-x64-msvc')
      default:
        return require(`../payglot.${platform}.node`)
    }
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') {
      broken.push({ name, error })
    }
    return undefined
  }
}

function load() {
  const packages = PACKAGES[platform] ?? []
  const broken = []
  for (const name of ['that was built here', ...packages]) {
    const found = required(name, broken)
    if (found !== undefined) {
      return found
    }
  }
  if (broken.length > 0) {
    const [{ name, error: cause }] = broken
    throw new Error(`payglot: the native part ${name} could not be loaded: ${cause.message}; ${ANEW}`, { cause })
  }
  const names = packages.join(' nor ')
  if (names === '') {
    const known = Object.keys(PACKAGES).join(', ')
    throw new Error(
      `payglot: there is no native part for ${platform}, but for ${known}; docs/platforms.md says how to build one`,
    )
  }
  const missing = names.includes(' nor ') ? `neither ${names} is` : `${names} is not`
  throw new Error(`payglot: ${missing} installed, which has the native part for ${platform}; ${ANEW}; ${BUNDLED}`)
}

module.exports = native
