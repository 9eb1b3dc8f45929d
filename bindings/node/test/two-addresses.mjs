// Run by `addresses.test.mjs` where the vendor's name has two addresses, of which the first is silent.
import assert from 'node:assert/strict'

import { PaywintPlatform } from 'payglot'
import { USER } from './support.mjs'

const options = { platformId: 'i', secretKey: 'k', baseUrl: process.env.VENDOR_URL, maxRetries: 0 }
const client = new PaywintPlatform({ ...options, connectTimeout: 5000, proxy: false })
const began = Date.now()
const wallet = await client.wallets.get(USER)
assert.equal(wallet.current_balance, '1.5')
const took = Date.now() - began
assert.ok(took < 2000, `it took ${took} ms`)
