'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')

const payglot = require('payglot')

test('CommonJS code constructs clients and meets the same errors as ESM code', async () => {
  const esm = await import('payglot')
  const client = new payglot.Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1' })
  assert.ok(client instanceof esm.Linora)
  await assert.rejects(client.exchange.estimate({}), esm.InvalidRequestError)
})
