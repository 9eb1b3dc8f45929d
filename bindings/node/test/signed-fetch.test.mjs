// `signedFetch`: what leaves is signed, nothing else leaves, and nothing secret is shown.

import assert from 'node:assert/strict'
import { Blob } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { inspect } from 'node:util'

import {
  ConfigurationError,
  InvalidRequestError,
  Linora,
  PaywintDeveloper,
  PaywintPlatform,
  sign,
  signedFetch,
} from 'payglot'
import { startSandbox, startScripted } from './support.mjs'

const KEYS = { platformId: 'canary-id', secretKey: 'canary-kéy' }
const JSON_TYPE = { 'content-type': 'application/json' }

/** A server that keeps what arrives, bodies as bytes. */
async function startRecorder(t, respond = () => ({ status: 200, headers: {} })) {
  const requests = []
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: Buffer.concat(chunks) })
    const { status, headers: scripted } = respond(url)
    response.writeHead(status, scripted).end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${server.address().port}`, requests }
}

const signatureOf = ({ method, url, body }) => {
  const [path, query] = url.split('?')
  return sign({ secret: KEYS.secretKey, method, path, query: query === undefined ? '' : `?${query}`, body })
}

test('every vector is signed as it leaves', async (t) => {
  const { url, requests } = await startRecorder(t)
  const { cases } = JSON.parse(readFileSync(`${process.env.PAYGLOT_CONTRACT}/signing.json`, 'utf8'))
  let sent = 0
  for (const vector of cases) {
    const { method, empty_body: emptyBody } = vector
    const [key, body] = [vector.key_base64, vector.body_base64].map((text) => Buffer.from(text, 'base64'))
    // `fetch` sends no body with a GET.
    if (method === 'GET' && body.length > 0) {
      continue
    }
    // Most keys of the vectors are bytes that no credential can be: then another signs the same.
    const isText = /^[\x21-\x7e]+$/.test(key.toString('latin1'))
    const secretKey = isText ? key.toString() : 'a key'
    const expected = isText ? vector.signature : createHmac('sha256', secretKey).update(vector.canonical).digest('hex')
    const fetch = signedFetch(PaywintPlatform, { platformId: 'id', secretKey, emptyBody })
    const given = body.length > 0 ? { body } : {}
    assert.equal((await fetch(url + vector.path + vector.query, { method, ...given })).status, 200)
    const arrived = requests.pop()
    assert.equal(arrived.url, vector.path + vector.query)
    assert.equal(arrived.method, method)
    assert.ok(arrived.body.equals(body), vector.name)
    assert.equal(arrived.headers['x-signature'], expected, vector.name)
    assert.equal(arrived.headers['x-platform-id'], 'id')
    sent += 1
  }
  assert.ok(sent > 100, sent)
})

test('the sandbox takes them', async (t) => {
  const { baseUrl, userId, credentials } = await startSandbox(t)
  const { platformId, secretKey, apiKey, apiSecret, linoraApiKey } = credentials
  const fetch = signedFetch(PaywintPlatform, { platformId, secretKey })
  const list = { method: 'post', headers: JSON_TYPE, body: JSON.stringify({ rows_per_page: 10, page_no: 1 }) }
  assert.equal((await fetch(`${baseUrl}/api/platform/users/list`, list)).status, 200)
  assert.equal((await fetch(new URL(`${baseUrl}/api/platform/wallet/get/${userId}`))).status, 200)
  const wrong = signedFetch(PaywintPlatform, { platformId, secretKey: 'wrong' })
  assert.equal((await wrong(`${baseUrl}/api/platform/users/list`, list)).status, 401)

  const developer = signedFetch(PaywintDeveloper, { apiKey, apiSecret })
  assert.equal((await developer(`${baseUrl}/api/user-api/wallet/get`)).status, 200)
  const linora = signedFetch(Linora, { apiKey: linoraApiKey })
  assert.equal((await linora(`${baseUrl}/api/giftcards/products`)).status, 200)
})

test('headers that authenticate are not the caller’s', async (t) => {
  const { url, requests } = await startRecorder(t)
  const fetch = signedFetch(PaywintPlatform, KEYS)
  const headers = { 'X-Signature': 'forged', 'x-platform-id': 'another', 'X-Mine': 'kept' }
  await fetch(`${url}/p?a=1`, { method: 'POST', headers, body: 'zoë' })
  await fetch(new Request(`${url}/p?a=1`, { headers }))
  for (const arrived of requests) {
    assert.equal(arrived.headers['x-signature'], signatureOf(arrived))
    assert.equal(arrived.headers['x-platform-id'], KEYS.platformId)
    assert.equal(arrived.headers['x-mine'], 'kept')
  }
})

test('bodies that are in memory are signed as fetch sends them', async (t) => {
  const { url, requests } = await startRecorder(t)
  const fetch = signedFetch(PaywintPlatform, KEYS)
  const bytes = new TextEncoder().encode('xx{}xx')
  const bodies = [
    ['{}', '{}'],
    ['\ud800', '\ufffd'],
    [Buffer.from('{}'), '{}'],
    [bytes.subarray(2, 4), '{}'],
    [new DataView(bytes.buffer, 2, 2), '{}'],
    [bytes.buffer, 'xx{}xx'],
    [new URLSearchParams({ a: '1 2' }), 'a=1+2'],
    ['', ''],
    [null, ''],
    [undefined, ''],
  ]
  for (const [body, expected] of bodies) {
    await fetch(`${url}/p`, { method: 'POST', body })
    const arrived = requests.pop()
    assert.equal(arrived.body.toString(), expected)
    assert.equal(arrived.headers['x-signature'], signatureOf(arrived))
  }
  await fetch(new Request(`${url}/p`, { method: 'PUT' }), { body: new URLSearchParams('a=1') })
  assert.equal((await fetch(`${url}//example.com/p`)).status, 200)
  assert.equal(requests.pop().url, '//example.com/p')
  const arrived = requests.pop()
  assert.equal(arrived.method, 'PUT')
  assert.equal(arrived.headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8')
  assert.equal(arrived.headers['x-signature'], signatureOf(arrived))
})

test('what cannot be signed is refused before anything is sent', async (t) => {
  const { url, requests } = await startRecorder(t)
  const fetch = signedFetch(PaywintPlatform, KEYS)
  async function* generator() {
    assert.fail('a stream was read')
  }
  const streams = [Readable.from(generator()), new Blob(['{}']).stream(), new Blob(['{}']), new FormData(), {}]
  const wrong = [
    ...streams.map((body) => ['body', url, { method: 'POST', body, duplex: 'half' }]),
    ['input', new Request(url, { method: 'POST', body: '{}' })],
    ['input', '/api/platform/users/list'],
    ['input', undefined],
    ['method', url, { method: 'no method' }],
    ['redirect', url, { redirect: 'follow' }],
  ]
  for (const [argument, ...args] of wrong) {
    await assert.rejects(fetch(...args), (error) => {
      assert.ok(error instanceof InvalidRequestError, String(error))
      assert.equal(error.argument, argument)
      assert.equal(error.operation, 'signedFetch')
      assert.ok(!inspect(error).includes('canary'))
      return true
    })
  }
  assert.deepEqual(requests, [])
})

test('no redirect is followed', async (t) => {
  const { url, requests } = await startRecorder(t, () => ({ status: 307, headers: { location: '/elsewhere' } }))
  const fetch = signedFetch(PaywintDeveloper, { apiKey: 'canary', apiSecret: 'canary' })
  for (const input of [url, new Request(url)]) {
    assert.equal((await fetch(input)).status, 307)
  }
  for (const init of [undefined, { redirect: 'error' }]) {
    await assert.rejects(fetch(init === undefined ? new Request(url, { redirect: 'error' }) : url, init), TypeError)
  }
  assert.deepEqual(new Set(requests.map((arrived) => arrived.url)), new Set(['/']))
})

test('issue 12.14: plain HTTP to another machine is refused', async () => {
  const calls = []
  const given = { ...KEYS, fetch: async (...args) => calls.push(args) }
  const elsewhere = ['http://example.com/p', 'http://127.0.0.1.example.com/p', new Request('http://10.0.0.1:8080/p')]
  for (const input of elsewhere) {
    await assert.rejects(signedFetch(PaywintPlatform, given)(input), (error) => {
      assert.ok(error instanceof InvalidRequestError, String(error))
      assert.match(error.message, /begins with http:\/\/.*`allowInsecureHttp` or PAYGLOT_ALLOW_INSECURE_HTTP=1/)
      assert.deepEqual([error.argument, error.mayHaveHappened], ['url', false])
      return true
    })
  }
  assert.deepEqual(calls, [])
  for (const input of elsewhere) {
    await signedFetch(PaywintPlatform, { ...given, allowInsecureHttp: true })(input)
  }
  for (const input of ['https://example.com/p', 'http://LOCALHOST/p', 'http://[::1]/p']) {
    await signedFetch(PaywintPlatform, given)(input)
  }
  assert.equal(calls.length, 6)
})

test('another fetch sends, with all that the caller says', async () => {
  const { signal } = new AbortController()
  const calls = []
  const fetch = signedFetch(PaywintPlatform, { ...KEYS, fetch: async (...args) => calls.push(args) })
  assert.equal(await fetch('https://example.com/p', { signal, keepalive: true }), 1)
  const [[target, init]] = calls
  assert.equal(target, 'https://example.com/p')
  assert.equal(init.signal, signal)
  assert.equal(init.keepalive, true)
  assert.equal(init.headers.get('x-signature'), signatureOf({ method: 'GET', url: '/p', body: '' }))
})

test('credentials are checked when it is made', () => {
  const refused = [
    [PaywintPlatform, { platformId: 'id' }, /`secretKey` is missing; pass it or set PAYWINT_SECRET_KEY/],
    [PaywintPlatform, { ...KEYS, secretKey: 'canary\n' }, /`secretKey` has/],
    [PaywintPlatform, { ...KEYS, secretKey: 1 }, /`secretKey` must be a string/],
    [PaywintPlatform, { ...KEYS, baseUrl: 'https://example.com' }, /`baseUrl` is not an option of signedFetch/],
    [PaywintPlatform, { ...KEYS, emptyBody: 'no' }, /`emptyBody` must be 'hash' or 'omit'/],
    [PaywintPlatform, { ...KEYS, fetch: {} }, /`fetch` must be a function such as fetch/],
  ]
  for (const [Client, options, message] of refused) {
    assert.throws(
      () => signedFetch(Client, options),
      (error) => {
        assert.ok(error instanceof ConfigurationError, String(error))
        assert.match(error.message, message)
        assert.ok(!inspect(error).includes('canary'))
        return true
      },
    )
  }
  for (const wrong of [undefined, 'paywint-platform', Date, {}]) {
    assert.throws(() => signedFetch(wrong, KEYS), InvalidRequestError)
  }
})

test('credentials come from the environment too, and a subclass is for the API of its base', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => ({ body: '{}' }))
  class Mine extends Linora {}
  process.env.LINORA_API_KEY = 'from the environment'
  t.after(() => delete process.env.LINORA_API_KEY)
  await signedFetch(Mine)(baseUrl)
  assert.equal(requests[0].headers.authorization, 'Bearer from the environment')
})

test('nothing secret is shown', () => {
  const shown = inspect(signedFetch(PaywintPlatform, KEYS), { showHidden: true, depth: 9 })
  assert.match(shown, /signedFetch/)
  assert.ok(!shown.includes('canary'), shown)
})
