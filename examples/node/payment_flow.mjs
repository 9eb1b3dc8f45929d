// A payment: wallet, payee, money sent, a payment that the wallet does not cover, and a link that a payer pays.
//
// Needs `payglot sandbox`: it prints the environment variables that this reads.

import { PaywintPlatform } from 'payglot'

/** What happens outside of the API: a bank that sends money, a payer who pays. */
async function sandbox(path, body) {
  const url = `${process.env.PAYWINT_BASE_URL}/_sandbox/api/${path}`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.env.PAYGLOT_SANDBOX_TOKEN}` }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
}

const userId = process.env.SANDBOX_USER_ID
const client = new PaywintPlatform()

await sandbox(`wallets/${userId}/fund`, { amount: '250.00' })
console.log('wallet:', (await client.wallets.get(userId)).available_balance)

const payee = await client.payees.create(userId, { name: 'Jordan Rivera', email: 'jordan@example.com' })
console.log('payee:', payee.name)

/** Sends money from the wallet, and prints what came of it. */
async function pay(amount, invoice) {
  const payment = await client.payments.create({
    user_id: userId,
    payee_id: payee.payee_id,
    amount,
    payment_method: 'WALLET',
    receiving_method: 'WALLET',
    invoice_no: invoice,
  })
  console.log('payment:', payment.amount, payment.status)
  if (payment.failure_reason) console.log('because:', payment.failure_reason)
  const again = await client.payments.get(payment.payment_id)
  if (again.amount !== payment.amount) throw new Error('the payment reads differently')
}

await pay('100.10', 'INV-1')
await pay(9999.99, 'INV-2')
console.log('wallet:', (await client.wallets.get(userId)).available_balance)

const link = await client.payments.createLink(userId, { amount: '150.75', description: 'June invoice' })
console.log('payment link:', link.payment_link.includes('/hosted/pay/') ? 'made' : 'missing')
await sandbox(`payments/${link.payment_id}/pay`, { payer_name: 'Pat' })

for await (const received of client.payments.listReceived(userId)) {
  console.log('received:', received.amount, received.status)
}
