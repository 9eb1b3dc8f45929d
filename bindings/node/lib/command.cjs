'use strict'

// The `payglot` command, a program of its own: where it is.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** Where the command is: what `PAYGLOT_BIN` names, else what came with the package, else one on the path. */
function find() {
  const name = process.platform === 'win32' ? 'payglot.exe' : 'payglot'
  const packaged = join(__dirname, '../bin', name)
  return process.env.PAYGLOT_BIN || (existsSync(packaged) ? packaged : name)
}

module.exports = { find }
