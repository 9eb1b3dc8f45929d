'use strict'

// Finds the native part for this platform. Each platform's package holds its own; there is no build at
// installation and nothing is downloaded.

const { version } = require('../package.json')

const target = `${process.platform}-${process.arch}`
const native = load()

if (native.version() !== version) {
  throw new Error(
    `payglot: the native part is version ${native.version()}, the package is ${version}; install payglot anew`,
  )
}

function load() {
  try {
    return require(`../payglot.${target}.node`)
  } catch (cause) {
    const problem =
      cause.code === 'MODULE_NOT_FOUND'
        ? `this package holds no native part for ${target}`
        : `the native part for ${target} could not be loaded`
    throw new Error(`payglot: ${problem}`, { cause })
  }
}

module.exports = native
