'use strict'

// The sandbox as a process of its own, for tests.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { createInterface } = require('node:readline')
const { PROVIDER } = require('./client.cjs')
const { camelCase } = require('./logger.cjs')

const WAY_OUT = 'install it with `cargo install payglot-cli`, or say where it is with `binary` or PAYGLOT_BIN'

/** A sandbox that stands in for all providers; it holds its state in memory and ends with this process. */
class Sandbox {
  #binary
  #args
  #process = null
  #told = null

  /** @param {{ binary?: string, seed?: number }} [options] */
  constructor({ binary, seed } = {}) {
    this.#binary = binary ?? (process.env.PAYGLOT_BIN || 'payglot')
    this.#args = ['sandbox', '--listen', '127.0.0.1:0', '--json', '--exit-with-stdin']
    if (seed !== undefined) {
      this.#args.push('--seed', String(seed))
    }
  }

  /** Starts it, unless it runs. */
  async start() {
    if (this.#process !== null) {
      return this
    }
    const child = spawn(this.#binary, this.#args, { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true })
    this.#process = child
    try {
      this.#told = JSON.parse(await firstLine(child))
    } catch (cause) {
      this.#process = null
      child.kill()
      throw new Error(`the sandbox \`${this.#binary}\` did not start; ${WAY_OUT}`, { cause })
    }
    // A test that forgets to stop it ends all the same, and takes it along.
    for (const handle of [child, child.stdin, child.stdout]) {
      handle.unref()
    }
    return this
  }

  /** Stops it. */
  async stop() {
    const child = this.#process
    this.#process = null
    this.#told = null
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.ref()
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    }
  }

  [Symbol.asyncDispose]() {
    return this.stop()
  }

  get baseUrl() {
    return this.#running().base_url
  }

  get userId() {
    return this.#running().user_id
  }

  /** The credentials that it takes, by name. */
  get credentials() {
    const { base_url: _, user_id: __, ...credentials } = this.#running()
    return Object.fromEntries(Object.entries(credentials).map(([name, value]) => [camelCase(name), value]))
  }

  /** A client of this sandbox. */
  client(Client, options = {}) {
    const provider = Client?.[PROVIDER]
    if (provider === undefined) {
      throw new TypeError('client() takes a class of a client, such as PaywintPlatform')
    }
    const told = this.#running()
    // Where two providers have credentials of one name, the second has its own name in front.
    const named = ([camel, snake]) => [camel, told[`${provider.name}_${snake}`] ?? told[snake]]
    const credentials = Object.fromEntries(Object.entries(provider.credentials).map(named))
    return new Client({ ...credentials, baseUrl: this.baseUrl, ...options })
  }

  #running() {
    if (this.#told === null) {
      throw new Error('the sandbox does not run; `await sandbox.start()` first')
    }
    return this.#told
  }
}

/** The first line that a process prints; fails where it ends before. */
async function firstLine(child) {
  const lines = createInterface({ input: child.stdout })
  const over = new AbortController()
  const { signal } = over
  try {
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`it ended with status ${code}`)
    })
    const [line] = await Promise.race([once(lines, 'line', { signal }), ended])
    return line
  } finally {
    over.abort()
  }
}

module.exports = { Sandbox }
