// Receives webhooks with Express. Run it with PORT, INBOX (a file, or a PostgreSQL URL), PAYMENTS_FILE (a file) and
// PAYGLOT_WEBHOOK_SECRET set; needs `express`.

import { appendFile } from 'node:fs/promises'

import express from 'express'
import { webhooks } from 'payglot'

const inbox = new webhooks.paywintPlatform.Inbox(process.env.INBOX, process.env.PAYGLOT_WEBHOOK_SECRET)

// Where this fails it is tried again, and after a crash it may be called twice.
inbox.on('payment.success', async (event) => {
  const { payment_id, amount, currency } = event.data ?? {}
  await appendFile(process.env.PAYMENTS_FILE, `paid: ${payment_id} ${amount} ${currency}\n`)
})

const app = express()

// The raw bytes, on this route alone: `express.json()` would have parsed them.
app.post('/webhooks', express.raw({ type: '*/*' }), async (request, response) => {
  response.status(await inbox.receive(request.body, request.headers)).end()
})

app.listen(Number(process.env.PORT), '127.0.0.1')
// In this process; a program of its own can do it as well.
await inbox.work()
