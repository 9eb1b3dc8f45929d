'use strict'

// The sandbox as a process of its own, for tests.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { createInterface } = require('node:readline')
const { PROVIDER } = require('./client.cjs')
const { WAY_OUT, find } = require('./command.cjs')
const { crashLab } = require('./crash-lab.cjs')
const { camelCase } = require('./logger.cjs')
const { SandboxAPI } = require('../generated/sandbox-api.cjs')
const { SandboxError } = require('./sandbox-api.cjs')

/** Milliseconds until a sandbox that does not stop is killed. */
const TIME_TO_STOP = 5000
/** As much as is kept of what a sandbox says before it starts. */
const LONGEST_REASON = 4096

/** A sandbox that stands in for all providers; it ends with this process. */
class Sandbox extends SandboxAPI {
  #binary
  #args
  #environment
  #process = null
  #told = null

  constructor({ binary, seed, state, strict = false, webhook = [], webhookSecret } = {}) {
    super()
    this.#binary = binary ?? find()
    this.#args = ['sandbox', '--listen', '127.0.0.1:0', '--json', '--exit-with-stdin']
    if (seed !== undefined) {
      this.#args.push('--seed', String(seed))
    }
    if (state !== undefined) {
      this.#args.push('--state', state)
    }
    if (strict) {
      this.#args.push('--strict')
    }
    // Not as arguments, which everybody on the machine can read.
    this.#environment = {}
    const urls = [webhook].flat()
    if (urls.length > 0) {
      this.#environment.PAYGLOT_SANDBOX_WEBHOOKS = urls.join(' ')
    }
    if (webhookSecret !== undefined) {
      this.#environment.PAYGLOT_SANDBOX_WEBHOOK_SECRET = webhookSecret
    }
  }

  /** Starts it, unless it runs. */
  async start() {
    if (this.#process !== null) {
      return this
    }
    const env = { ...process.env, ...this.#environment }
    const child = spawn(this.#binary, this.#args, { stdio: 'pipe', windowsHide: true, env })
    this.#process = child
    let reason = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      reason = (reason + text).slice(0, LONGEST_REASON)
    })
    try {
      this.#told = JSON.parse(await firstLine(child))
    } catch (cause) {
      this.#process = null
      child.kill()
      throw new SandboxError(`the sandbox did not start: ${reason.trim() || cause.message}; ${WAY_OUT}`, { cause })
    }
    // A test that forgets to stop it ends all the same, and takes it along. Bun has no `unref` of streams.
    for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
      handle.unref?.()
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
      const late = setTimeout(() => child.kill('SIGKILL'), TIME_TO_STOP)
      await gone
      clearTimeout(late)
    }
  }

  [Symbol.asyncDispose]() {
    return this.stop()
  }

  get baseUrl() {
    return this.#running().base_url
  }

  /** What changes by its JSON interface must bring, as `Authorization: Bearer`; the methods bring it by themselves. */
  get token() {
    return this.#running().token
  }

  get userId() {
    return this.#running().user_id
  }

  /** The credentials that it takes, by name. */
  get credentials() {
    const other = ['base_url', 'token', 'user_id', 'environment', 'webhooks']
    const credentials = Object.entries(this.#running()).filter(([name]) => !other.includes(name))
    return Object.fromEntries(credentials.map(([name, value]) => [camelCase(name), value]))
  }

  /** The environment variables by which clients find it and authenticate. */
  get environment() {
    return { ...this.#running().environment }
  }

  /** Address and secret of each endpoint that `webhook` named. */
  get webhooks() {
    return this.#running().webhooks ?? []
  }

  /** A client of this sandbox, which goes through no proxy. */
  client(Client, options = {}) {
    const provider = Client?.[PROVIDER]
    if (provider === undefined) {
      throw new TypeError('client() takes a class of a client, such as PaywintPlatform')
    }
    const told = this.#running()
    // Where two providers have credentials of one name, the second has its own name in front.
    const prefix = provider.name.replaceAll('-', '_')
    const named = ([camel, snake]) => [camel, told[`${prefix}_${snake}`] ?? told[snake]]
    const credentials = Object.fromEntries(Object.entries(provider.credentials).map(named))
    return new Client({ ...credentials, baseUrl: this.baseUrl, proxy: false, ...options })
  }

  #running() {
    if (this.#told === null) {
      throw new SandboxError('the sandbox does not run; `await sandbox.start()` first')
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
    // Not `exit`: by `close` all that it said has been read.
    const ended = once(child, 'close', { signal }).then(([code]) => {
      throw new Error(`it ended with status ${code}`)
    })
    const [line] = await Promise.race([once(lines, 'line', { signal }), ended])
    return line
  } finally {
    over.abort()
  }
}

module.exports = { Sandbox, SandboxError, crashLab }
