// What the tests share: the sandbox as a process of its own, and a server with scripted responses.

import { once } from 'node:events'
import { createServer } from 'node:http'

import { Linora, PaywintDeveloper, PaywintPlatform } from 'payglot'
import { Sandbox } from 'payglot/testing'

export const USER = '6f1ed002-ab5d-4b2d-8e3f-1c2d3e4f5a6b'
export const OTHER = '0b9c7f3e-5a4d-4c3b-9a2f-8e7d6c5b4a39'

/** Starts the sandbox; it ends with the test. */
export async function startSandbox(t) {
  const sandbox = await new Sandbox().start()
  t.after(() => sandbox.stop())
  return sandbox
}

/**
 * Starts a server that responds to each request as `script` says: `{ status, headers, body }` with the exact text of the
 * body, or `'drop'` to close the connection, or `'hang'` to never respond.
 */
export async function startScripted(t, script) {
  const requests = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    const { method, url, headers } = request
    const seen = { method, url, headers, body: Buffer.concat(chunks).toString() }
    requests.push(seen)
    const scripted = await script(seen, requests.length)
    if (scripted === 'drop') {
      request.socket.destroy()
    } else if (scripted !== 'hang') {
      const { status = 200, headers: scriptedHeaders = {}, body } = scripted
      response.writeHead(status, { 'content-type': 'application/json', ...scriptedHeaders }).end(body)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${server.address().port}`, requests }
}

/** A response in the envelope of the Paywint APIs; `data` is JSON text, to keep its digits. */
export const envelope = (data, rest = {}) => ({
  body: `{"success":true,"message":"ok",${fields(rest)}"data":${data}}`,
})

/** A page in the envelope of the Paywint APIs. */
export const page = (records, total) => ({
  body: JSON.stringify({ success: true, message: 'ok', records, totalRecords: total }),
})

const fields = (rest) => Object.entries(rest).map(([name, value]) => `"${name}":${JSON.stringify(value)},`)

/** An error in the shape of FastAPI. */
export const errorResponse = (status, body = { detail: 'no' }, headers = {}) => ({
  status,
  headers,
  body: JSON.stringify(body),
})

export const platform = (baseUrl, options = {}) =>
  new PaywintPlatform({ platformId: 'platform', secretKey: 'top secret', baseUrl, ...options })

export const developer = (baseUrl, options = {}) =>
  new PaywintDeveloper({ apiKey: 'key', apiSecret: 'top secret', baseUrl, ...options })

export const linora = (baseUrl, options = {}) => new Linora({ apiKey: 'top secret', baseUrl, ...options })

/** Arguments of a call that moves money. */
export const payment = {
  user_id: USER,
  payee_id: OTHER,
  amount: '10.10',
  payment_method: 'WALLET',
  invoice_no: 'invoice-1',
  receiving_method: 'WALLET',
}
