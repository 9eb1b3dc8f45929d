// The inbox of this process: the route stores in it, and `instrumentation.js` has it handled. It is made when it is first
// needed, because `next build` reads this file too, without the secret.

import { appendFile } from 'node:fs/promises'

import { webhooks } from 'payglot'

let made

export function inbox() {
  if (made) return made
  made = new webhooks.paywintPlatform.Inbox(process.env.INBOX, process.env.PAYGLOT_WEBHOOK_SECRET)
  // Where this fails it is tried again, and after a crash it may be called twice.
  made.on('payment.success', async (event) => {
    const { payment_id, amount, currency } = event.data ?? {}
    await appendFile(process.env.PAYMENTS_FILE, `paid: ${payment_id} ${amount} ${currency}\n`)
  })
  return made
}
