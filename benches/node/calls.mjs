// Calls of one card: `calls.mjs payglot|undici|fetch URL SECONDS IN_FLIGHT`.

import { CARD, ID, PLATFORM_ID, SECRET, check, poolOf, rate, signed } from './common.mjs'

const [who, url, seconds, inFlight] = process.argv.slice(2)

const CALLS = {
  async payglot() {
    const { PaywintPlatform } = await import('payglot')
    const { cards } = new PaywintPlatform({ platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: url })
    return async () => {
      check(await cards.get(ID))
      return 1
    }
  },

  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(url, poolOf(Number(inFlight)))
    return async () => {
      const { statusCode, body } = await pool.request({ path: CARD, method: 'GET', headers: signed('GET', CARD) })
      if (statusCode !== 200) {
        throw new Error(`status ${statusCode}`)
      }
      check((await body.json()).data)
      return 1
    }
  },

  async fetch() {
    const target = url + CARD
    return async () => {
      const response = await fetch(target, { headers: signed('GET', CARD) })
      if (!response.ok) {
        throw new Error(`status ${response.status}`)
      }
      check((await response.json()).data)
      return 1
    }
  },
}

await rate(await CALLS[who](), Number(seconds), Number(inFlight))
process.exit()
