// The inbox of the Next.js example: the route stores in it, and `instrumentation.mjs` has it handled.

import { appendFile } from 'node:fs/promises'

import { webhooks } from 'payglot'

export const inbox = new webhooks.paywintPlatform.Inbox(process.env.INBOX, process.env.PAYGLOT_WEBHOOK_SECRET)

// Where this fails it is tried again, and after a crash it may be called twice.
inbox.on('payment.success', async (event) => {
  const { payment_id, amount, currency } = event.data ?? {}
  await appendFile(process.env.PAYMENTS_FILE, `paid: ${payment_id} ${amount} ${currency}\n`)
})
