// Small calls beside large responses: `beside.mjs payglot|undici URL SECONDS`, 8 small ones in flight and a large one.
//
// Prints small calls, seconds, seconds of processor time, and the latency of small calls at 50 and 99 per cent in
// microseconds. Of a large response the first record is read.

import { CARD, ID, PAYMENTS, PLATFORM_ID, SECRET, check, percentiles, signed } from './common.mjs'

const IN_FLIGHT = 8

const [who, url, time] = process.argv.slice(2)

const CLIENTS = {
  async payglot() {
    const { PaywintPlatform } = await import('payglot')
    const options = { platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: url, maxResponseBytes: 2 ** 26 }
    const { cards, payments } = new PaywintPlatform(options)
    return {
      small: async () => check(await cards.get(ID)),
      large: async () => (await payments.listReceived(ID)).records[0],
    }
  },

  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(url, { connections: IN_FLIGHT + 1 })
    return {
      small: async () => {
        const { body } = await pool.request({ path: CARD, method: 'GET', headers: signed('GET', CARD) })
        check((await body.json()).data)
      },
      large: async () => {
        const sent = JSON.stringify({ page_no: 1, rows_per_page: 100 })
        const headers = { ...signed('POST', PAYMENTS, sent), 'Content-Type': 'application/json' }
        const { body } = await pool.request({ path: PAYMENTS, method: 'POST', headers, body: sent })
        return (await body.json()).records[0]
      },
    }
  },
}

const { small, large } = await CLIENTS[who]()
const latencies = []

async function smalls(until) {
  while (performance.now() < until) {
    const started = performance.now()
    await small()
    latencies.push(performance.now() - started)
  }
}

async function larges(until) {
  while (performance.now() < until) {
    const first = await large()
    if (!first.payment_id) {
      throw new Error('a page without payments')
    }
  }
}

await Promise.all([small(), large()])
const started = performance.now()
const processor = process.cpuUsage()
const until = started + Number(time) * 1000
await Promise.all([larges(until), ...Array.from({ length: IN_FLIGHT }, () => smalls(until))])
const { user, system } = process.cpuUsage(processor)
const seconds = (performance.now() - started) / 1000
console.log(latencies.length, seconds, (user + system) / 1e6, percentiles(latencies))
process.exit()
