// Responses: nothing is lost, amounts keep their digits, and sensitive values are not printed.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { PaymentFailedError } from 'payglot'

import { OTHER, USER, developer, envelope, linora, payment, platform, startScripted } from './support.mjs'

const answering = async (t, data) => {
  const { baseUrl } = await startScripted(t, () => envelope(data))
  return platform(baseUrl)
}

test('amounts keep their digits', async (t) => {
  const cases = [
    ['10.10', '10.10'],
    ['0.10', '0.10'],
    ['150.75', '150.75'],
    ['99999999999.99', '99999999999.99'],
    ['12345678901234567890.123456', '12345678901234567890.123456'],
    ['1.5e3', '1500'],
    ['"10.10"', '10.10'],
    ['5', '5'],
    ['null', null],
  ]
  for (const [given, expected] of cases) {
    const client = await answering(t, `{"amount":${given}}`)
    const read = await client.payments.get(OTHER)
    assert.equal(read.amount, expected)
  }
})

test('unknown values and fields are kept', async (t) => {
  const client = await answering(
    t,
    '{"card_type":"NEW_KIND","is_blocked":"true","new":{"a":[1,{"b":12345678901234567890}]},"card_id":77}',
  )
  const card = await client.cards.get(OTHER)
  assert.equal(card.card_type, 'NEW_KIND')
  assert.equal(card.is_blocked, true)
  assert.equal(card.card_id, '77')
  assert.deepEqual(card.new, { a: [1, { b: '12345678901234567890' }] })
  const text = '{"card_type":"NEW_KIND","is_blocked":true,"new":{"a":[1,{"b":"12345678901234567890"}]},"card_id":"77"}'
  assert.equal(JSON.stringify(card), text)
})

test('no data is null, or no records', async (t) => {
  for (const data of ['null']) {
    const client = await answering(t, data)
    assert.equal(await client.cards.delete(USER, { card_id: OTHER }), null)
    assert.deepEqual(await client.cards.list(USER), [])
  }
  const { baseUrl } = await startScripted(t, () => ({ status: 204, body: '' }))
  assert.equal(await platform(baseUrl).cards.delete(USER, { card_id: OTHER }), null)
})

test('both spellings of a misspelled field are read', async (t) => {
  for (const spelling of ['fist_name', 'first_name']) {
    const { baseUrl } = await startScripted(t, () => envelope(`{"${spelling}":"Ada","last_name":"Lovelace"}`))
    const address = await developer(baseUrl).payeeAddresses.create({
      payee_id: OTHER,
      first_name: 'Ada',
      last_name: 'Lovelace',
      address_line_1: '1 Main St',
      city: 'New York',
      state: 'NY',
      zipcode: '10001',
      country: 'US',
    })
    assert.equal(address.first_name, 'Ada', spelling)
    assert.equal(address.fist_name, undefined)
  }
})

test('text beyond ASCII arrives', async (t) => {
  const client = await answering(t, '{"card_nick_name":"Žofie 💳 \\u00e9\\ud83d\\ude00"}')
  assert.equal((await client.cards.get(OTHER)).card_nick_name, 'Žofie 💳 é😀')
})

test('sensitive values are there for those who ask, and not printed', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({
    body: '{"cardId":"1","number":"4242424242424242","cvv":"123","expiryDate":null,"pan2":"4111111111111111"}',
  }))
  const client = linora(baseUrl)
  const card = await client.cards.get('card')
  assert.equal(card.number, '4242424242424242')
  assert.equal({ ...card }.cvv, '123')
  assert.equal(JSON.parse(JSON.stringify(card)).cvv, '123')
  assert.equal(structuredClone(card).cvv, '123')
  const raw = await client.withRawResponse.cards.get('card')
  for (const shown of [
    inspect(card),
    inspect([{ card }], { depth: 9 }),
    inspect(raw),
    `${inspect(new Map([[1, card]]))}`,
  ]) {
    for (const secret of ['4242424242424242', "'123'", '4111111111111111']) {
      assert.ok(!shown.includes(secret), shown)
    }
    assert.match(shown, /number: \[redacted\]/)
    assert.match(shown, /pan2: \[unknown\]/)
    assert.match(shown, /expiryDate: null/)
    assert.match(shown, /cardId: '1'/)
  }
})

test('issue 12.1: a payment that failed says so, and its error holds the record', async (t) => {
  const client = await answering(t, '{"status":"failed","amount":10.10,"failure_reason":"Insufficient funds"}')
  const record = await client.payments.create(payment)
  assert.deepEqual([record.hasFailed, record.isFinal], [true, true])
  for (const resource of [client.payments, client.withRawResponse.payments]) {
    await assert.rejects(resource.create(payment, { raiseOnFailed: true }), (error) => {
      assert.ok(error instanceof PaymentFailedError)
      assert.deepEqual([error.record.hasFailed, error.record.amount], [true, '10.10'])
      assert.equal(error.mayHaveHappened, false)
      assert.ok(!inspect(error).includes('Insufficient funds'))
      return true
    })
  }
  for (const [status, isFinal] of [
    ['success', true],
    ['processing', false],
    ['brand_new', false],
  ]) {
    const other = await answering(t, JSON.stringify({ status }))
    const read = await other.payments.create(payment, { raiseOnFailed: true })
    assert.deepEqual([read.hasFailed, read.isFinal], [false, isFinal])
  }
})

test('a raw response', async (t) => {
  const body = '{"success":true,"message":"Card found","data":{"card_id":"1"}}'
  const { baseUrl } = await startScripted(t, () => ({
    status: 201,
    headers: { 'x-request-id': 'request-1', 'x-many': ['a', 'b'] },
    body,
  }))
  const raw = await platform(baseUrl).withRawResponse.cards.get(OTHER)
  assert.equal(raw.status, 201)
  assert.equal(raw.message, 'Card found')
  assert.equal(raw.requestId, 'request-1')
  assert.equal(raw.headers['x-many'], 'a, b')
  assert.equal(raw.text, body)
  assert.equal(raw.data.card_id, '1')
  assert.equal(raw.data.needsUpdate, false)
})

test('a response larger than allowed is not read', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope(JSON.stringify({ card_id: 'x'.repeat(10_000) })))
  const client = platform(baseUrl, { maxResponseBytes: 1000 })
  await assert.rejects(client.cards.get(OTHER), { name: 'ResponseFormatError' })
})

test('many calls at once get their own responses', async (t) => {
  const { baseUrl } = await startScripted(t, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
    return envelope(JSON.stringify({ invoice_no: JSON.parse(request.body).invoice_no }))
  })
  const client = platform(baseUrl)
  const calls = Array.from({ length: 200 }, async (_, number) => {
    const made = await client.payments.create({ ...payment, invoice_no: `invoice-${number}` })
    assert.equal(made.invoice_no, `invoice-${number}`)
  })
  await Promise.all(calls)
})

test('models inside models are read too', () => {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('payglot/package.json'))
  const { anyOf, defineModels } = require(join(folder, 'lib', 'models.cjs'))
  const models = defineModels({
    Outer: { fields: ['inner', 'list'], nested: { inner: 'Inner', list: 'Inner' } },
    Inner: { fields: ['a', 'b'], hidden: ['a'], nested: { b: 'Outer' }, helpers: { isSet: anyOf('b', 'c') } },
  })
  const response = models.Outer({ inner: { a: 'secret', b: null }, list: [{ a: 'secret', c: true }, null, 5], more: 1 })
  assert.equal(Object.getPrototypeOf(response), Object.prototype)
  assert.equal(response.inner.isSet, false)
  assert.equal(response.list[0].isSet, true)
  assert.match(inspect(response), /inner: Inner \{ a: \[redacted\], b: null \}/)
  assert.ok(!inspect(response).includes('secret'))
  for (const odd of [null, undefined, 5, 'text', [], {}]) {
    assert.equal(models.Outer(odd), odd)
  }
})

test('issue 12.8: what is of another type is kept as it came', async (t) => {
  const data = { amount: 'ten', created_at: [1], payment_id: { a: 1 }, status: 7 }
  const client = await answering(t, JSON.stringify(data))
  const read = await client.payments.get(OTHER)
  assert.deepEqual({ ...read }, { ...data, status: '7' })
})

test('issue 12.9: half of a surrogate pair is kept', async (t) => {
  const client = await answering(t, String.raw`{"payment_id":"x\ud83d","new":"\ude00"}`)
  const read = await client.payments.get(OTHER)
  assert.deepEqual([read.payment_id, read.new], ['x\ud83d', '\ude00'])
})

test('issue 12.23: a byte order mark before the JSON of any request', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({ body: '\ufeff{"a":1}' }))
  assert.deepEqual((await platform(baseUrl).request('GET', '/own')).data, { a: 1 })
})

test('issue 12.22: numbers that a JavaScript number cannot hold are text', async (t) => {
  const free = '[9007199254740993.01,0.12345678901234567890123456789,1e400,0.1,12345678901234567890]'
  const { baseUrl } = await startScripted(t, () => ({ body: `{"free":${free}}` }))
  const { data } = await platform(baseUrl).request('GET', '/own')
  const [large, long, huge, ...rest] = data.free
  assert.deepEqual([large, long, huge], ['9007199254740993.01', '0.12345678901234567890123456789', '1e400'])
  assert.deepEqual(rest, [0.1, '12345678901234567890'])
})
