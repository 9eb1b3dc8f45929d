// What the vendor always sends, and is left out after all: a warning, once for each field (issue 15.8).

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { OTHER, envelope, platform, startScripted } from './support.mjs'

/** A logger that keeps its warnings. */
const listener = () => {
  const warnings = []
  const warn = (message) => warnings.push(message)
  return { warnings, logger: { debug() {}, warn } }
}

const page = (records) => ({
  status: 200,
  body: JSON.stringify({ success: true, records, totalRecords: records.length }),
})

const says = (field) =>
  `payglot: ${field} is missing, and the vendor always sends it; all else of the response is there`

test('issue 15.8: a field that is left out is warned of once, and all else is there', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope('{"amount":5.10,"payment_id":null,"new":"canary-7313"}'))
  // Without a logger nobody is told, and the next one is.
  assert.equal((await platform(baseUrl).payments.get(OTHER)).amount, '5.10')
  const { warnings, logger } = listener()
  const client = platform(baseUrl, { logger })
  for (let count = 0; count < 3; count += 1) {
    const payment = await client.payments.get(OTHER)
    assert.deepEqual({ ...payment }, { amount: '5.10', payment_id: null, new: 'canary-7313' })
  }
  const wanted = ['payment_id', 'currency', 'status'].map((name) => says(`PlatformPaymentRead.${name}`))
  assert.deepEqual(warnings.toSorted(), wanted.toSorted())
})

test('issue 15.8: records of a list are looked at, whether they are alike or not', async (t) => {
  const records = [
    [{ user_id: 'u1', name: 'Ada' }, { user_id: 'u2' }],
    [
      { user_id: 'u1', name: 'Ada' },
      { user_id: null, name: 'Bob' },
    ],
  ]
  const { baseUrl } = await startScripted(t, (_, count) => page(records[count - 1]))
  const { warnings, logger } = listener()
  const client = platform(baseUrl, { logger })
  assert.equal((await client.users.list()).records.length, 2)
  assert.deepEqual(warnings, [])
  assert.equal((await client.users.list()).records[1].name, 'Bob')
  assert.deepEqual(warnings, [says('PlatformUserRead.user_id')])
})

test('issue 15.8: a response that has it all is not warned of, nor one that is not said to have it', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope('{"is_first_payment":true}'))
  const { warnings, logger } = listener()
  await platform(baseUrl, { logger }).wallets.fund(OTHER, { amount: '1', bank_id: null })
  assert.deepEqual(warnings, [])
})
