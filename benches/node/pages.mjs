// Pages of 100 records, all fields of interest read: `pages.mjs payglot|undici|overlap URL SECONDS`.

import { setTimeout } from 'node:timers/promises'
import { ID, PAGE, PAYMENTS, PLATFORM_ID, SECRET, rate, signed } from './common.mjs'

const [who, url, seconds] = process.argv.slice(2)

function read(payment) {
  const { payment_id, payee_id, amount, processing_fee, invoice_no, currency, created_at, status } = payment
  if (!payment_id || !payee_id || !amount || !processing_fee || !invoice_no || !currency || !created_at || !status) {
    throw new Error('a payment without its fields')
  }
}

async function client() {
  const { PaywintPlatform } = await import('payglot')
  return new PaywintPlatform({ platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: url })
}

const WALKS = {
  async payglot() {
    const { payments } = await client()
    return async () => {
      let count = 0
      for await (const payment of payments.listReceived(ID)) {
        read(payment)
        count += 1
      }
      return count / PAGE
    }
  },

  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(url, { connections: 1 })
    return async () => {
      let count = 0
      let total = 1
      while (count < total) {
        const sent = JSON.stringify({ page_no: count / PAGE + 1, rows_per_page: PAGE })
        const headers = { ...signed('POST', PAYMENTS, sent), 'Content-Type': 'application/json' }
        const { statusCode, body } = await pool.request({ path: PAYMENTS, method: 'POST', headers, body: sent })
        if (statusCode !== 200) {
          throw new Error(`status ${statusCode}`)
        }
        const { records, totalRecords } = JSON.parse(await body.text())
        total = totalRecords
        for (const payment of records) {
          read(payment)
          count += 1
        }
      }
      return count / PAGE
    }
  },

  /** Pages from a server that takes 5 ms, each followed by 5 ms of work. */
  async overlap() {
    const { payments } = await client()
    return async () => {
      let count = 0
      for await (const _payment of payments.listReceived(ID)) {
        count += 1
        if (count % PAGE === 0) {
          await setTimeout(5)
        }
      }
      return count / PAGE
    }
  },
}

await rate(await WALKS[who](), Number(seconds), 1)
process.exit()
