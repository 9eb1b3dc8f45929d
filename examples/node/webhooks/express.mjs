// Receives webhooks with Express. Run it with PORT and PAYGLOT_WEBHOOK_SECRET set; needs `express`.

import express from 'express'
import { WebhookVerificationError, webhooks } from 'payglot'

const app = express()
// Remembers within this process. With several, keep the ids in a table with a unique key.
const guard = new webhooks.ReplayGuard()

// The raw bytes, on this route alone: `express.json()` would have parsed them.
app.post('/webhooks', express.raw({ type: '*/*' }), (request, response) => {
  let event
  try {
    event = webhooks.paywintPlatform.constructEvent(request.body, request.headers, process.env.PAYGLOT_WEBHOOK_SECRET)
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      return response.status(400).json({ error: error.message })
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
  return response.json({ received: true })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
