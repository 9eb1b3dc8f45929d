// Serves app/api/webhooks/route.mjs over Node's own server, so that the route runs here without all of Next.js: what
// the route gets and gives is the same. Run it with PORT and PAYGLOT_WEBHOOK_SECRET set.

import { createServer } from 'node:http'

import { POST } from './app/api/webhooks/route.mjs'

const server = createServer(async (incoming, outgoing) => {
  const { method, url, headers } = incoming
  const request = new Request(`http://127.0.0.1${url}`, { method, headers, body: incoming, duplex: 'half' })
  const response = method === 'POST' ? await POST(request) : new Response(null, { status: 405 })
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
