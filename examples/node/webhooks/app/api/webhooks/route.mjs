// Receives webhooks in a route handler of Next.js: a function from a web-standard `Request` to a `Response`, as other
// frameworks on that standard take it too. Set INBOX (a file, or a PostgreSQL URL) and PAYGLOT_WEBHOOK_SECRET.

import { inbox } from '../../../inbox.mjs'

// The native part needs Node; the edge runtime cannot load it.
export const runtime = 'nodejs'

export async function POST(request) {
  // The raw bytes: `request.json()` would have parsed them.
  const status = await inbox.receive(await request.arrayBuffer(), request.headers)
  return new Response(null, { status })
}
