// Lists that come page by page.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InternalServerError, Page, PagePromise } from 'payglot'
import { USER, errorResponse, page, platform, startScripted } from './support.mjs'

/** A server with this many payments. */
async function withPayments(t, count, { total = count } = {}) {
  const scripted = await startScripted(t, (request) => {
    const { page_no: number, rows_per_page: size } = JSON.parse(request.body)
    const start = (number - 1) * size
    const length = Math.max(0, Math.min(size, count - start))
    const certain = { amount: 1.5, currency: 'USD', status: 'success' }
    const records = Array.from({ length }, (_, at) => ({ payment_id: String(start + at), ...certain }))
    return page(records, total)
  })
  return { ...scripted, client: platform(scripted.baseUrl) }
}

const collect = async (records) => {
  const all = []
  for await (const record of records) {
    all.push(record)
  }
  return all
}

for (const [count, pages] of [
  [0, 1],
  [1, 1],
  [100, 1],
  [101, 2],
  [2350, 24],
]) {
  test(`all of ${count} records`, async (t) => {
    const { client, requests } = await withPayments(t, count)
    const records = await collect(client.payments.listReceived(USER))
    assert.deepEqual(
      records.map((record) => record.payment_id),
      Array.from({ length: count }, (_, at) => String(at)),
    )
    assert.equal(requests.length, pages)
    assert.ok(records.every((record) => record.amount === '1.5'))
  })
}

const plain = (record) => Object.entries(record)

test('records are what JSON.parse makes of them, alike or not', async (t) => {
  const lists = [
    '[{"payment_id":"1","amount":"1.10","new":{"a":[1]}},{"payment_id":"2","amount":null,"new":0}]',
    '[{"payment_id":"1","amount":"1.10"},{"payment_id":"2"},{"status":"paid","payment_id":"3"},{}]',
    '[{"10":"b","payment_id":"1","2":"a"},{"10":"d","payment_id":"2","2":"c"}]',
    '[{"payment_id":"1","payment_id":"2"},{"payment_id":"3","payment_id":"4"}]',
    '[{"__proto__":{"amount":"1"}},{"__proto__":null}]',
    '[{},{}]',
  ]
  for (const list of lists) {
    const { baseUrl } = await startScripted(t, () => ({ body: `{"success":true,"records":${list},"totalRecords":1}` }))
    const { records } = await platform(baseUrl).payments.listReceived(USER)
    // Beside their class, which has helpers.
    assert.deepStrictEqual(records.map(plain), JSON.parse(list).map(plain))
    assert.ok(records.every((record) => record.isFinal === false))
    assert.equal(JSON.stringify(records), JSON.stringify(JSON.parse(list)))
    const whole = await platform(baseUrl).withRawResponse.payments.listReceived(USER)
    assert.deepStrictEqual(whole.data.records, records)
    assert.equal(whole.text, `{"success":true,"records":${list},"totalRecords":1}`)
  }
})

test('without a total, an empty page is the end', async (t) => {
  const { client, requests } = await withPayments(t, 200, { total: null })
  assert.equal((await collect(client.payments.listReceived(USER))).length, 200)
  assert.equal(requests.length, 3)
})

test('a page, and the pages that follow', async (t) => {
  const { client, requests } = await withPayments(t, 25)
  const call = client.payments.listReceived(USER, { rows_per_page: 10 })
  assert.ok(call instanceof PagePromise)
  assert.equal(requests.length, 0, 'nothing is sent before it is asked for')
  const first = await call
  assert.ok(first instanceof Page)
  assert.deepEqual([first.number, first.size, first.total, first.records.length], [1, 10, 25, 10])
  assert.equal(first.hasNext(), true)
  const last = await (await first.nextPage()).nextPage()
  assert.deepEqual([last.number, last.records.length, last.hasNext()], [3, 5, false])
  assert.equal(await last.nextPage(), null)
  assert.equal((await collect(first)).length, 25)
  assert.deepEqual(
    (await collect(call.pages())).map(({ number }) => number),
    [1, 2, 3],
  )
  assert.deepEqual(Object.keys(first), ['records', 'total', 'number', 'size'])
})

test('from a page on', async (t) => {
  const { client } = await withPayments(t, 35)
  const records = await collect(client.payments.listReceived(USER, { rows_per_page: 10, page_no: 3 }))
  assert.deepEqual(
    records.map((record) => Number(record.payment_id)),
    Array.from({ length: 15 }, (_, at) => 20 + at),
  )
})

test('the next page is on its way while one is read', async (t) => {
  const { client, requests } = await withPayments(t, 30)
  const records = client.payments.listReceived(USER, { rows_per_page: 10 })[Symbol.asyncIterator]()
  await records.next()
  for (let waits = 0; requests.length < 2 && waits < 200; waits += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.equal(requests.length, 2)
  assert.deepEqual(await records.return(), { value: undefined, done: true })
  assert.deepEqual(await records.next(), { value: undefined, done: true })
})

test('who stops early asks for no more', async (t) => {
  const { client, requests } = await withPayments(t, 1000)
  for await (const record of client.payments.listReceived(USER, { rows_per_page: 10 })) {
    if (record.payment_id === '15') {
      break
    }
  }
  assert.ok(requests.length <= 3)
})

test('records asked for without waiting come in turn', async (t) => {
  const { client } = await withPayments(t, 15)
  const records = client.payments.listReceived(USER, { rows_per_page: 10 })[Symbol.asyncIterator]()
  const results = await Promise.all(Array.from({ length: 17 }, () => records.next()))
  assert.deepEqual(
    results.map(({ value }) => value?.payment_id),
    [...Array.from({ length: 15 }, (_, at) => String(at)), undefined, undefined],
  )
})

test('a page that fails ends the reading with its error', async (t) => {
  const { baseUrl } = await startScripted(t, (request) => {
    const { page_no: number } = JSON.parse(request.body)
    return number === 2 ? errorResponse(500) : page([{ payment_id: '1' }, { payment_id: '2' }], 500)
  })
  const read = []
  await assert.rejects(async () => {
    for await (const record of platform(baseUrl, { maxRetries: 0 }).payments.listReceived(USER)) {
      read.push(record)
    }
  }, InternalServerError)
  assert.equal(read.length, 2)
})

test('a page as a raw response', async (t) => {
  const { client } = await withPayments(t, 150)
  const raw = await client.withRawResponse.payments.listReceived(USER)
  assert.equal(raw.status, 200)
  assert.equal(raw.data.total, 150)
  assert.equal((await collect(raw.data)).length, 150)
})

test('a page can be caught and settled like a promise', async (t) => {
  const { client } = await withPayments(t, 1)
  let settled = false
  await client.payments.listReceived(USER).finally(() => {
    settled = true
  })
  assert.equal(settled, true)
  assert.equal(await client.payments.listReceived('no id').catch((error) => error.name), 'InvalidRequestError')
})

test('issue 12.7: what cannot be right is a warning, and no early end', async (t) => {
  const { baseUrl } = await withPayments(t, 25, { total: 5 })
  const warnings = []
  const logger = { debug() {}, warn: (message, fields) => warnings.push([message, fields.operation]) }
  const list = (client) => collect(client.payments.listReceived(USER, { rows_per_page: 10 }))
  assert.equal((await list(platform(baseUrl, { logger }))).length, 25)
  const sentence = 'the vendor counts 5 records, but its pages have more; the walk goes on to an empty page'
  assert.deepEqual(warnings, [[`payglot: ${sentence}`, 'payments.list_received']])
  // Without a logger it is a warning of the process.
  const shown = new Promise((resolve) => process.once('warning', resolve))
  assert.equal((await list(platform(baseUrl))).length, 25)
  const { name, message } = await shown
  assert.deepEqual([name, message], ['PayglotWarning', `payments.list_received: ${sentence}`])
})

test('issue 12.7: a vendor that gives fewer than were asked for', async (t) => {
  const { baseUrl } = await startScripted(t, (request) => {
    const { page_no: number, rows_per_page: asked } = JSON.parse(request.body)
    const size = Math.min(asked, 50)
    const start = (number - 1) * size
    const length = Math.max(0, Math.min(size, 120 - start))
    return page(
      Array.from({ length }, (_, at) => ({ payment_id: String(start + at) })),
      120,
    )
  })
  const pages = await collect(platform(baseUrl).payments.listReceived(USER).pages())
  assert.deepEqual(
    pages.map(({ number, size, records }) => [number, size, records.length]),
    [
      [1, 100, 50],
      [2, 50, 50],
      [3, 50, 20],
    ],
  )
})
