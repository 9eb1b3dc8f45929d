// The wire: proxies, certificates, HTTP/2, compression, and servers that misbehave.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSecureServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import * as payglot from 'payglot'
import { OTHER, envelope, payment, platform, startScripted } from './support.mjs'

const pem = (name) => readFileSync(`${process.env.PAYGLOT_CONTRACT}/tls/test-only-${name}`)
const CA = pem('ca.pem')
const TLS = { key: pem('leaf.key'), cert: pem('leaf.pem') }
const CARD = envelope('{"card_id":"1"}')

/** Listens on a free port; connections end with the test. */
async function listen(t, server) {
  const sockets = new Set()
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket) => sockets.add(socket.on('error', () => {})))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  return server.address().port
}

/** A server that writes bytes of its own making; `respond` gets the socket and the number of the request. */
async function startRaw(t, respond) {
  let requests = 0
  const server = createTcpServer((socket) => {
    socket.on('data', (data) => {
      if (/^[A-Z]+ .* HTTP\/1\.1\r\n/.test(data.toString('latin1'))) {
        requests += 1
        respond(socket, requests)
      }
    })
  })
  const port = await listen(t, server)
  return { baseUrl: `http://127.0.0.1:${port}`, count: () => requests }
}

/** A proxy that forwards plain requests and makes tunnels. */
async function startProxy(t) {
  const seen = []
  const note = ({ method, url, headers }) => seen.push({ method, url, headers })
  const proxy = createServer((request, response) => {
    note(request)
    response.writeHead(200, { 'content-type': 'application/json' }).end(CARD.body)
  })
  proxy.on('connect', (request, socket) => {
    note(request)
    const [host, port] = request.url.split(':')
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
  })
  return { url: `http://user:pass@127.0.0.1:${await listen(t, proxy)}`, seen }
}

test('plain calls go through the proxy', async (t) => {
  const { url, seen } = await startProxy(t)
  const card = await platform('http://api.example.invalid', { proxy: new URL(url), allowInsecureHttp: true }).cards.get(
    OTHER,
  )
  assert.equal(card.card_id, '1')
  assert.equal(seen[0].url, `http://api.example.invalid/api/platform/card/get-card/${OTHER}`)
  assert.match(seen[0].headers['proxy-authorization'], /^Basic /)
})

test('TLS calls go through a tunnel of the proxy, which sees no credentials', async (t) => {
  const { url, seen } = await startProxy(t)
  const server = createHttpsServer(TLS, (_, response) => response.end(CARD.body))
  const port = await listen(t, server)
  const client = platform(`https://localhost:${port}`, { proxy: url, caCertificates: CA })
  assert.equal((await client.cards.get(OTHER)).card_id, '1')
  assert.equal(seen[0].method, 'CONNECT')
  assert.equal(seen[0].headers['x-platform-id'], undefined)
  assert.equal(seen[0].headers['x-signature'], undefined)
})

test('a proxy that is not there means that nothing was sent', async () => {
  const client = platform('http://127.0.0.1:2', { proxy: 'http://user:hidden@127.0.0.1:1', maxRetries: 0 })
  await assert.rejects(client.payments.create(payment), (error) => {
    assert.equal(error.constructor, payglot.APIConnectionError)
    assert.doesNotMatch(String(error.stack), /hidden/)
    return true
  })
})

test('own certificates are trusted, as text and as bytes, and only by who asked', async (t) => {
  const server = createHttpsServer(TLS, (_, response) => response.end(CARD.body))
  const baseUrl = `https://127.0.0.1:${await listen(t, server)}`
  for (const caCertificates of [CA, CA.toString(), new Uint8Array(CA)]) {
    assert.equal((await platform(baseUrl, { caCertificates }).cards.get(OTHER)).card_id, '1')
  }
  const refused = platform(baseUrl, { maxRetries: 0 }).payments.create(payment)
  await assert.rejects(refused, (error) => error.constructor === payglot.APIConnectionError)
})

test('HTTP/2 is spoken where it is offered', async (t) => {
  const versions = []
  const server = createHttp2Server({ ...TLS, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion)
    response.end(CARD.body)
  })
  const baseUrl = `https://localhost:${await listen(t, server)}`
  const client = platform(baseUrl, { caCertificates: CA })
  await client.cards.get(OTHER)
  const cards = await Promise.all(Array.from({ length: 20 }, () => client.cards.get(OTHER)))
  assert.ok(cards.every((card) => card.card_id === '1'))
  assert.deepEqual(new Set(versions), new Set(['2.0']))
})

test('compressed responses are read', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => ({
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(CARD.body),
  }))
  assert.equal((await platform(baseUrl).cards.get(OTHER)).card_id, '1')
  assert.match(requests[0].headers['accept-encoding'], /gzip/)
})

/** Responses that break off: of a payment nobody knows the outcome, a read is tried again. */
const BROKEN = {
  'a compressed response that is cut': {
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(CARD.body).subarray(0, 20),
  },
  'a compressed response that is none': { headers: { 'content-encoding': 'gzip' }, body: CARD.body },
}
for (const [what, broken] of Object.entries(BROKEN)) {
  test(what, async (t) => {
    const { baseUrl, requests } = await startScripted(t, (_, count) => (count < 3 ? broken : CARD))
    const client = platform(baseUrl)
    await assert.rejects(client.payments.create(payment), (error) => {
      assert.ok(error instanceof payglot.OutcomeUnknownError, String(error))
      assert.equal(error.status, 200)
      return true
    })
    assert.equal((await client.cards.get(OTHER)).card_id, '1')
    assert.equal(requests.length, 3)
  })
}

test('half a response', async (t) => {
  const { baseUrl, count } = await startRaw(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"success"')
  })
  await assert.rejects(platform(baseUrl).payments.create(payment), payglot.OutcomeUnknownError)
  assert.equal(count(), 1)
  await assert.rejects(platform(baseUrl, { maxRetries: 0 }).cards.get(OTHER), payglot.APIConnectionError)
})

test('an endless response ends at the limit', async (t) => {
  const { baseUrl } = await startRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n')
    const pour = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 32))) {
        // Until the socket is full.
      }
    }
    socket.on('drain', pour).on('error', () => {})
    pour()
  })
  const client = platform(baseUrl, { maxResponseBytes: 1_000_000 })
  await assert.rejects(client.cards.get(OTHER), (error) => {
    assert.ok(error instanceof payglot.ResponseFormatError)
    assert.equal(error.status, 200)
    return true
  })
})

test('a response that drips ends with the timeout', async (t) => {
  const { baseUrl } = await startRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n')
    const drip = setInterval(() => socket.write(' '), 10)
    socket.on('close', () => clearInterval(drip)).on('error', () => {})
  })
  const client = platform(baseUrl, { timeout: 200, maxRetries: 0 })
  const started = Date.now()
  await assert.rejects(client.cards.get(OTHER), payglot.APITimeoutError)
  await assert.rejects(client.payments.create(payment), payglot.OutcomeUnknownError)
  assert.ok(Date.now() - started < 5000)
})

test('an HTML page is told apart from the API', async (t) => {
  const page = '<html><body><h1>502 Bad Gateway</h1></body></html>'
  const headers = { 'content-type': 'text/html' }
  const { baseUrl } = await startScripted(t, (_, count) => ({ status: count === 1 ? 404 : 200, headers, body: page }))
  const client = platform(baseUrl, { maxRetries: 0 })
  await assert.rejects(client.cards.get(OTHER), (error) => {
    assert.ok(error instanceof payglot.NotFoundError)
    assert.equal(error.body, page)
    assert.ok(!error.message.includes('<html>'))
    return true
  })
  await assert.rejects(client.cards.get(OTHER), (error) => {
    assert.ok(error instanceof payglot.ResponseFormatError)
    assert.equal(error.body, page)
    return true
  })
})

test('JSON is read whatever its content type says', async (t) => {
  for (const type of ['text/plain', 'text/html; charset=utf-8', 'nonsense']) {
    const { baseUrl } = await startScripted(t, () => ({ headers: { 'content-type': type }, body: CARD.body }))
    assert.equal((await platform(baseUrl).cards.get(OTHER)).card_id, '1')
  }
})

test('a connection that closes after 100 requests is replaced', async (t) => {
  const perConnection = new Map()
  const { baseUrl } = await startRaw(t, (socket) => {
    const count = (perConnection.get(socket) ?? 0) + 1
    perConnection.set(socket, count)
    const close = count === 100 ? 'connection: close\r\n' : ''
    const { length } = CARD.body
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${close}content-length: ${length}\r\n\r\n${CARD.body}`,
    )
    if (count === 100) {
      socket.end()
    }
  })
  const client = platform(baseUrl)
  for (let i = 0; i < 250; i += 1) {
    assert.equal((await client.cards.get(OTHER)).card_id, '1')
  }
  // A connection that is not back in the pool yet when the next call begins is not waited for.
  const served = [...perConnection.values()]
  assert.equal(
    served.reduce((sum, count) => sum + count, 0),
    250,
  )
  assert.ok(Math.max(...served) === 100 && served.length < 25, `${served}`)
})

test('a redirect is never followed', async (t) => {
  const other = await startScripted(t, () => CARD)
  for (const status of [301, 302, 307, 308]) {
    const { baseUrl, requests } = await startScripted(t, () => ({
      status,
      headers: { location: `${other.baseUrl}/elsewhere` },
      body: '',
    }))
    await assert.rejects(platform(baseUrl).cards.get(OTHER), (error) => {
      assert.ok(error instanceof payglot.APIError)
      assert.equal(error.status, status)
      return true
    })
    assert.equal(requests.length, 1)
  }
  assert.equal(other.requests.length, 0)
})

test('what cannot be a proxy or a certificate is refused by its name here', () => {
  const wrong = [
    [{ proxy: 'not a url' }, /`proxy`/],
    [{ proxy: 5 }, /`proxy`/],
    [{ maxConnections: 0 }, /`maxConnections` must be a whole number above 0/],
    [{ maxConnections: 70_000 }, /`maxConnections` must be 1 to 65535/],
    [{ caCertificates: 'no certificate' }, /`caCertificates`/],
    [{ caCertificates: [CA] }, /`caCertificates`/],
    [{ baseUrl: 'ftp://example.com' }, /`baseUrl`/],
    [{ environment: 'sandbox' }, /give `baseUrl` or `environment`/],
    [{ secretKey: '' }, /`secretKey` is empty/],
    [{ secretKey: ' b' }, /`secretKey`/],
    [{ platformId: 'a\nb' }, /`platformId`/],
    [{ logger: {} }, /`logger`/],
  ]
  for (const [options, message] of wrong) {
    assert.throws(
      () => platform('https://localhost', options),
      (error) => {
        assert.ok(error instanceof payglot.ConfigurationError)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /_key|_id|_url|_certificates/)
        return true
      },
      JSON.stringify(options),
    )
  }
  assert.throws(() => new payglot.Linora({ apiKey: 'a' }), /`baseUrl` is missing/)
})
