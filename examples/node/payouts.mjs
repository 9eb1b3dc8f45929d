// Payouts that can be killed at any moment: start it again, and each is made at most once.
//
// A script for cron. What it has sent is remembered in `payments.db`; of two that run at once, each payout is sent by one.
// Needs `payglot sandbox`: it prints the environment variables that this reads.

import { Journal, OutcomeUnknownError, PaywintPlatform } from 'payglot'

const PAYOUTS = { '2026-11-0041': '10.10', '2026-11-0042': '20.20', '2026-11-0043': '30.30' }

const userId = process.env.SANDBOX_USER_ID
const journal = new Journal('payments.db')
const client = new PaywintPlatform({ journal })

const payee = await client.payees.create(
  userId,
  { name: 'Jordan Rivera', email: 'jordan@example.com' },
  { intent: 'payee Jordan Rivera' },
)

for (const [number, amount] of Object.entries(PAYOUTS)) {
  const payout = {
    user_id: userId,
    payee_id: payee.payee_id,
    amount,
    payment_method: 'WALLET',
    receiving_method: 'WALLET',
    invoice_no: number,
  }
  try {
    const payment = await client.payments.create(payout, { intent: `payout ${number}` })
    console.log(number, payment.amount, payment.status)
  } catch (error) {
    // Not sent again, whatever happens: a person looks it up.
    if (!(error instanceof OutcomeUnknownError)) throw error
  }
}

const unknown = await journal.unknown()
for (const { name } of unknown) {
  console.error(`${name}: nobody knows; look it up, then \`payglot journal resolve\` or \`release\``)
}
process.exitCode = unknown.length > 0 ? 1 : 0
