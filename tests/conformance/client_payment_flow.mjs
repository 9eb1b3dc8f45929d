// The payment flow of `examples/`, with the client that @hey-api/openapi-ts made.

import assert from 'node:assert/strict'

import sdk from './built/sdk.gen.js'
import { outside, USER } from './client.mjs'

const path = { user_id: USER }
const wallet = async () => (await sdk.getWalletApiPlatformWalletGetUserIdGet({ path })).data.data.available_balance

await outside(`wallets/${USER}/fund`, { amount: '250.00' })
assert.equal(await wallet(), 250)
console.log('wallet: 250')

const contact = { name: 'Jordan Rivera', email: 'jordan@example.com' }
const payee = (await sdk.createPayeeApiPlatformPayeeCreateUserIdPost({ path, body: contact })).data.data
console.log('payee:', payee.name)

for (const [amount, status] of [
  [100.1, 'success'],
  [9999.99, 'failed'],
]) {
  const body = {
    user_id: USER,
    payee_id: payee.payee_id,
    amount,
    payment_method: 'WALLET',
    receiving_method: 'WALLET',
    invoice_no: 'INV-1',
  }
  const made = (await sdk.createPaymentApiPlatformPaymentCreatePaymentPost({ body })).data.data
  assert.deepEqual([made.status, made.amount], [status, amount])
  const { payment_id } = made
  const again = await sdk.getPaymentApiPlatformPaymentGetPaymentPaymentIdGet({ path: { payment_id } })
  assert.equal(again.data.data.amount, amount)
  console.log('payment:', made.amount, made.status)
}

assert.equal(await wallet(), 149.9)
console.log('wallet: 149.90')

const link = await sdk.createPaymentLinkApiPlatformPaymentCreatePaymentLinkUserIdPost({
  path,
  body: { amount: 150.75 },
})
await outside(`payments/${link.data.data.payment_id}/pay`, { payer_name: 'Pat' })
const page = { rows_per_page: 50, page_no: 1 }
const { records } = (await sdk.listReceivedPaymentApiPlatformPaymentListReceivedPaymentUserIdPost({ path, body: page }))
  .data
assert.deepEqual(
  records.map(({ amount }) => amount),
  [150.75],
)
console.log('received:', records[0].amount, records[0].status)
