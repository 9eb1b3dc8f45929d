// redact(): values as a log may have them (issue 15.6).

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BadRequestError, redact } from 'payglot'
import { USER, envelope, errorResponse, page, platform, startScripted } from './support.mjs'

const SECRETS = ['Ada Secret', '123-45-6789', 'secret-note']
const RECORD = '{"user_id":"u-1","first_name":"Ada Secret","ssn":"123-45-6789","dob":null,"new":"secret-note"}'

/** JSON that a logger would write, which has none of the secrets. */
function logged(value) {
  const text = JSON.stringify(redact(value))
  for (const secret of SECRETS) {
    assert.ok(!text.includes(secret), `${secret} in ${text}`)
  }
  return JSON.parse(text)
}

test('issue 15.6: a response without what is sensitive', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope(RECORD))
  const client = platform(baseUrl)
  const user = await client.kyc.get(USER)
  const shown = logged({ users: [user], count: 1n })
  assert.equal(shown.count, '1')
  assert.deepEqual(shown.users[0], {
    user_id: 'u-1',
    first_name: '[redacted]',
    ssn: '[redacted]',
    dob: null,
    new: '[unknown]',
  })
  // Reading it still gives the value.
  assert.equal(user.first_name, 'Ada Secret')
  logged(await client.withRawResponse.kyc.get(USER))
})

test('issue 15.6: an error without its body', async (t) => {
  const { baseUrl } = await startScripted(t, () =>
    errorResponse(400, { detail: 'no', more: 'secret-note' }, { 'x-request-id': 'r-1', 'x-note': 'secret-note' }),
  )
  const error = await platform(baseUrl)
    .kyc.get(USER)
    .catch((reason) => reason)
  assert.ok(error instanceof BadRequestError)
  const shown = logged({ err: new Error('around', { cause: error }) })
  assert.equal(shown.err.message, 'around')
  assert.equal(shown.err.cause.name, 'BadRequestError')
  assert.equal(shown.err.cause.status, 400)
  assert.ok(shown.err.cause.stack.includes('redact.test.mjs'))
})

test('issue 15.6: other values', () => {
  const date = new Date(0)
  assert.deepEqual(redact({ a: [1, 'x', null, date], b: new Uint8Array(3) }), {
    a: [1, 'x', null, date.toJSON()],
    b: '[3 bytes]',
  })
  const around = {}
  around.around = around
  assert.equal(JSON.stringify(redact(around)).split('[nested too deeply]').length, 2)
})

test('issue 15.6: records of all pages as an array', async (t) => {
  const all = Array.from({ length: 25 }, (_, at) => `p-${at}`)
  const { baseUrl, requests } = await startScripted(t, ({ body }) => {
    const { page_no: number } = JSON.parse(body)
    const records = all.slice((number - 1) * 10, number * 10).map((id) => ({ payment_id: id }))
    return page(records, all.length)
  })
  const client = platform(baseUrl)
  const list = () => client.payments.listReceived(USER, { rows_per_page: 10 })
  const ids = (records) => records.map(({ payment_id: id }) => id)
  assert.deepEqual(ids(await list().autoPagingToArray({ limit: 100 })), all)
  assert.deepEqual(ids(await list().autoPagingToArray({ limit: 12 })), all.slice(0, 12))
  const second = await (await list()).nextPage()
  assert.deepEqual(ids(await second.autoPagingToArray({ limit: 100 })), all.slice(10))
  const before = requests.length
  for (const options of [undefined, {}, { limit: 0 }, { limit: 1.5 }, { limit: '5' }, { limit: Infinity }]) {
    await assert.rejects(list().autoPagingToArray(options), { name: 'InvalidRequestError', message: /limit/ })
  }
  assert.equal(requests.length, before)
})
