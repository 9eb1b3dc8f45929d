'use strict'

// The `payglot` command, a program of its own that the package `@payglot/cli` brings: where it is.

const { version } = require('../package.json')

const NAME = process.platform === 'win32' ? 'payglot.exe' : 'payglot'
const WAY_OUT = 'install it with `npm install --save-dev @payglot/cli`, or say where it is with `binary` or PAYGLOT_BIN'

/** Where the command is: what `PAYGLOT_BIN` names, else that of `@payglot/cli`, else one on the path. */
function find() {
  return process.env.PAYGLOT_BIN || packaged() || NAME
}

function packaged() {
  let cli
  try {
    cli = require('@payglot/cli')
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') {
      return undefined
    }
    throw error
  }
  if (cli.version !== version) {
    throw new Error(`@payglot/cli is version ${cli.version}, payglot is ${version}; install both anew`)
  }
  return cli.path()
}

module.exports = { WAY_OUT, find }
