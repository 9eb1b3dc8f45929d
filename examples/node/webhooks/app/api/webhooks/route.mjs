// Receives webhooks in a route handler of Next.js: a function from a web-standard `Request` to a `Response`, as other
// frameworks on that standard take it too. Set PAYGLOT_WEBHOOK_SECRET and PAYMENTS_FILE, a file.

import { appendFile } from 'node:fs/promises'

import { EventInProgressError, WebhookVerificationError, webhooks } from 'payglot'

// The native part needs Node; the edge runtime cannot load it.
export const runtime = 'nodejs'

// Remembers within this process. With several, keep the ids in a table with a unique key.
const guard = new webhooks.ReplayGuard()

/** Writes a payment to the file. Where this fails, the event comes again. */
async function write(event) {
  switch (event.kind) {
    case 'payment.success': {
      const { payment_id, amount, currency } = event.data ?? {}
      await appendFile(process.env.PAYMENTS_FILE, `paid: ${payment_id} ${amount} ${currency}\n`)
      break
    }
    default:
      console.log('not handled:', event.event)
  }
}

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
  try {
    await guard.handling(event.id, () => write(event))
  } catch (error) {
    if (error instanceof EventInProgressError) {
      return Response.json({ error: error.message }, { status: 503 })
    }
    throw error
  }
  return Response.json({ received: true })
}
