// Receives webhooks: a function from a web-standard `Request` to a `Response`, as other frameworks on that standard take
// it too. Set INBOX (a file, or a PostgreSQL URL) and PAYGLOT_WEBHOOK_SECRET.

import { inbox } from '../../../lib/inbox.js'

export async function POST(request) {
  // The raw bytes: `request.json()` would have parsed them.
  const status = await inbox().receive(await request.arrayBuffer(), request.headers)
  return new Response(null, { status })
}
