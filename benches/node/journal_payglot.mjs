// Payments with payglot's journal.

import { Journal, PaywintPlatform } from 'payglot'

import { ID, PLATFORM_ID, SECRET, checkPayment } from './common.mjs'

/** Gives what makes a payment of a name. */
export async function open(url, store) {
  const journal = new Journal(store)
  const { payments } = new PaywintPlatform({ platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: url, journal })
  return {
    async pay(name) {
      const payment = {
        user_id: ID,
        payee_id: ID,
        amount: '10.10',
        payment_method: 'WALLET',
        invoice_no: name,
        receiving_method: 'WALLET',
      }
      checkPayment(await payments.create(payment, { intent: name }))
    },
    close: () => journal.close(),
  }
}

/** How many payments are written down. */
export async function written(store) {
  const journal = new Journal(store)
  const { length } = await journal.list({ state: 'succeeded' })
  await journal.close()
  return length
}
