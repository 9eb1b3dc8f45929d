// Serves app/api/webhooks/route.mjs over Node's own server, so that the route runs here without all of Next.js: what
// the route gets and gives is the same. Run it with PORT, INBOX (a file, or a
// PostgreSQL URL), PAYMENTS_FILE (a file) and PAYGLOT_WEBHOOK_SECRET set.

import { createServer } from 'node:http'

import { POST } from './app/api/webhooks/route.mjs'
import { register } from './instrumentation.mjs'

register()

const server = createServer(async (incoming, outgoing) => {
  const { method, url, headers } = incoming
  const request = new Request(`http://127.0.0.1${url}`, { method, headers, body: incoming, duplex: 'half' })
  // What a route throws is a 500, in Next.js too.
  const failed = () => new Response(null, { status: 500 })
  const response = method === 'POST' ? await POST(request).catch(failed) : new Response(null, { status: 405 })
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
