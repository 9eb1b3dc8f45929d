// Receives webhooks with Express. Run it with PORT, PAYMENTS_FILE (a file) and PAYGLOT_WEBHOOK_SECRET set; needs `express`.

import { appendFile } from 'node:fs/promises'

import express from 'express'
import { EventInProgressError, WebhookVerificationError, webhooks } from 'payglot'

const app = express()
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

// The raw bytes, on this route alone: `express.json()` would have parsed them.
app.post('/webhooks', express.raw({ type: '*/*' }), async (request, response) => {
  let event
  try {
    event = webhooks.paywintPlatform.constructEvent(request.body, request.headers, process.env.PAYGLOT_WEBHOOK_SECRET)
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      return response.status(400).json({ error: error.message })
    }
    throw error
  }
  try {
    await guard.handling(event.id, () => write(event))
  } catch (error) {
    if (error instanceof EventInProgressError) {
      return response.status(503).json({ error: error.message })
    }
    throw error
  }
  return response.json({ received: true })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
