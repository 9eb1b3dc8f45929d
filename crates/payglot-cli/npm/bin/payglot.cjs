#!/usr/bin/env node
'use strict'

// Runs the program of this platform with the same arguments, streams, signals and end.

const { spawn } = require('node:child_process')
const { path } = require('../index.cjs')

let program
try {
  program = process.env.PAYGLOT_BIN || path()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // What is typed at a terminal reaches the program by itself.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal)
    }
  })
}
child.on('error', (error) => {
  console.error(`payglot: cannot run ${program}: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) {
    process.exit(code)
  }
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
