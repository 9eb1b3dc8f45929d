'use strict'

// The crash lab of the `payglot` command, for tests.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { text } = require('node:stream/consumers')
const { find } = require('./command.cjs')
const { SandboxError } = require('./sandbox-api.cjs')

/** Runs it; the report as the command gives it. */
async function crashLab(command, options = {}) {
  const { workers = 1, timeout = 30_000, random = 0, seed = 1, environment = {}, binary, ...named } = options
  const seconds = String(Math.ceil(timeout / 1000))
  const given = ['--workers', String(workers), '--timeout', seconds, '--random', String(random), '--seed', String(seed)]
  for (const [name, value] of Object.entries(named)) {
    if (!['webhook', 'trigger', 'only'].includes(name)) {
      throw new TypeError(`\`${name}\` is not an option of crashLab`)
    }
    if (value !== undefined) {
      given.push(`--${name}`, String(value))
    }
  }
  const args = ['crash-lab', '--json', ...given, '--', ...command]
  const env = { ...process.env, ...environment }
  const child = spawn(binary ?? find(), args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, env })
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (status !== 0 && status !== 1) {
    throw new SandboxError(err.trim() || 'the crash lab said nothing')
  }
  const { usual, runs, shortest_wrong: shortestWrong } = JSON.parse(out)
  return { usual, runs, shortestWrong, wrong: runs.filter(({ problems }) => problems.length > 0) }
}

module.exports = { crashLab }
