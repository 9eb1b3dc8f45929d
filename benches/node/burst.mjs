// So many calls begun at once: `burst.mjs payglot|undici|fetch URL SECONDS CALLS`.
//
// Prints calls, seconds until the last has ended, seconds of processor time, latency at 50 and 99 per cent in
// microseconds, and bytes of memory for each call, above what a hundred calls before them took. SECONDS is not used.

import { readFileSync } from 'node:fs'
import { CARD, ID, PLATFORM_ID, SECRET, check, percentiles, signed } from './common.mjs'

/** As many as payglot has unless it is told otherwise. */
const CONNECTIONS = 100

const [who, url, , calls] = process.argv.slice(2)
const count = Number(calls)

const CALLS = {
  async payglot() {
    const { PaywintPlatform } = await import('payglot')
    const options = { platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: url, timeout: 300_000 }
    const { cards } = new PaywintPlatform(options)
    return async () => check(await cards.get(ID))
  },

  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(url, { connections: CONNECTIONS })
    return async () => {
      const { body } = await pool.request({ path: CARD, method: 'GET', headers: signed('GET', CARD) })
      check((await body.json()).data)
    }
  },

  async fetch() {
    const { Pool, fetch } = await import('undici')
    const dispatcher = new Pool(url, { connections: CONNECTIONS })
    return async () => {
      const response = await fetch(url + CARD, { headers: signed('GET', CARD), dispatcher })
      check((await response.json()).data)
    }
  },
}

/** KB of memory: `VmRSS`, now, or `VmHWM`, at most so far. */
function memory(name) {
  const line = readFileSync('/proc/self/status', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(name))
  return Number(line.split(/\s+/)[1])
}

const call = await CALLS[who]()
const latencies = []
const one = async () => {
  const started = performance.now()
  await call()
  latencies.push(performance.now() - started)
}

await Promise.all(Array.from({ length: CONNECTIONS }, one))
latencies.length = 0
const before = memory('VmRSS')
const started = performance.now()
const processor = process.cpuUsage()
await Promise.all(Array.from({ length: count }, one))
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(processor)
const each = Math.round(((memory('VmHWM') - before) * 1024) / count)
console.log(count, seconds, (user + system) / 1e6, percentiles(latencies), each)
process.exit()
