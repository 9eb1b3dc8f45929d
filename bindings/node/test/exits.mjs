// Processes that end with calls in flight, in every way that a process can. Used by a test and by
// scripts/exits.mjs.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

import { OTHER, envelope } from './support.mjs'

const run = promisify(execFile)
const CARD = envelope('{"card_id":"1"}').body
/** A process that is not gone by then hangs. */
const DEADLINE = 30_000

/** Code of a CommonJS script, with `client`, and `call(n)` for n calls at once. `host` responds, `silent` never does. */
const prelude = (host, silent) => `
  const { PaywintPlatform } = require('payglot')
  const open = (baseUrl) => new PaywintPlatform({ platformId: 'a', secretKey: 'b', baseUrl, maxRetries: 0 })
  const host = open('${host}')
  const silent = open('${silent}')
  const call = (client, count, options) =>
    Array.from({ length: count }, () => client.cards.get('${OTHER}', options).catch(() => {}))
`
const inWorker = (code, rest) => `
  const { Worker } = require('node:worker_threads')
  const thread = new Worker(${JSON.stringify(code)}, { eval: true })
  ${rest}
`

/** Ways to end; each is a script, made for the two hosts and a number between 0 and 1. */
const WAYS = {
  'process.exit while nothing responds': (hosts) => `${prelude(...hosts)}
    call(silent, 20); setTimeout(() => process.exit(0), 20)`,
  'process.exit at once': (hosts) => `${prelude(...hosts)}
    call(silent, 20); process.exit(0)`,
  'process.exit while responses arrive': (hosts, chance) => `${prelude(...hosts)}
    const again = () => Promise.all(call(host, 20)).then(again)
    again(); setTimeout(() => process.exit(0), ${Math.round(chance * 40)})`,
  'nothing left to do once the calls are aborted': (hosts) => `${prelude(...hosts)}
    call(silent, 20, { signal: AbortSignal.timeout(20) })`,
  'nothing left to do once the calls are answered': (hosts) => `${prelude(...hosts)}
    call(host, 20)`,
  'a response that is the last to arrive ends the process': (hosts) => `${prelude(...hosts)}
    call(silent, 20); Promise.race(call(host, 5)).then(() => process.exit(0))`,
  'a worker is terminated in a process that has no client': (hosts, chance) =>
    inWorker(
      `${prelude(...hosts)}
      const again = () => Promise.all(call(host, 10)).then(again)
      again(); call(silent, 10)`,
      `thread.once('online', () => setTimeout(() => thread.terminate(), ${Math.round(chance * 60)}))`,
    ),
  'a worker exits with calls in flight': (hosts) =>
    inWorker(`${prelude(...hosts)} call(silent, 10); call(host, 10); setTimeout(() => process.exit(0), 10)`, ''),
  'process.exit while a worker calls': (hosts, chance) =>
    inWorker(
      `${prelude(...hosts)}
      const again = () => Promise.all(call(host, 10)).then(again)
      again()`,
      `${prelude(...hosts)} call(silent, 10)
      thread.once('online', () => setTimeout(() => process.exit(0), ${Math.round(chance * 60)}))`,
    ),
}

async function serve(respond) {
  const server = createServer(respond)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${server.address().port}` }
}

/**
 * Runs processes that end in all these ways, by turns.
 *
 * @param {number} count
 * @param {{ parallel?: number }} [options]
 * @returns {Promise<{ runs: number, failures: string[], slowest: number }>} failures are empty where all is well
 */
export async function runExits(count, { parallel = 2 } = {}) {
  const host = await serve((_, response) => response.setHeader('content-type', 'application/json').end(CARD))
  const silent = await serve(() => {})
  const ways = Object.entries(WAYS)
  const result = { runs: 0, failures: [], slowest: 0 }
  const once = async (number) => {
    const [what, code] = ways[number % ways.length]
    const started = Date.now()
    try {
      const script = code([host.url, silent.url], Math.random())
      const options = {
        cwd: import.meta.dirname ?? new URL('.', import.meta.url),
        timeout: DEADLINE,
        killSignal: 'SIGKILL',
      }
      const { stdout, stderr } = await run(process.execPath, ['--eval', script], options)
      if (stdout + stderr !== '') {
        result.failures.push(`${what}: it said ${stdout}${stderr}`)
      }
    } catch ({ code: status, signal, killed, stderr }) {
      result.failures.push(`${what}: ${killed ? 'it hung' : `status ${status}, signal ${signal}`}; ${stderr}`)
    }
    result.runs += 1
    result.slowest = Math.max(result.slowest, Date.now() - started)
  }
  let next = 0
  const takeTurns = async () => {
    while (next < count) {
      next += 1
      await once(next - 1)
    }
  }
  await Promise.all(Array.from({ length: parallel }, takeTurns))
  for (const { server } of [host, silent]) {
    server.closeAllConnections()
    server.close()
  }
  return result
}
