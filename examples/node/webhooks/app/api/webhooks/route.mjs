// Receives webhooks in a route handler of Next.js: a function from a web-standard `Request` to a `Response`, as other
// frameworks on that standard take it too. Set PAYGLOT_WEBHOOK_SECRET.

import { WebhookVerificationError, webhooks } from 'payglot'

// The native part needs Node; the edge runtime cannot load it.
export const runtime = 'nodejs'

// Remembers within this process. With several, keep the ids in a table with a unique key.
const guard = new webhooks.ReplayGuard()

export async function POST(request) {
  // The raw bytes: `request.json()` would have parsed them.
  const body = await request.arrayBuffer()
  let event
  try {
    event = webhooks.paywintPlatform.constructEvent(body, request.headers, process.env.PAYGLOT_WEBHOOK_SECRET)
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      return Response.json({ error: error.message }, { status: 400 })
    }
    throw error
  }
  if (guard.isNew(event.id)) {
    switch (event.kind) {
      case 'payment.success':
        console.log('paid:', event.data?.payment_id, event.data?.amount, event.data?.currency)
        break
      default:
        console.log('not handled:', event.event)
    }
  }
  return Response.json({ received: true })
}
