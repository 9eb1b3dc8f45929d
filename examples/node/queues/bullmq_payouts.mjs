// Payouts as jobs of BullMQ: whichever process dies, and whenever, each is made at most once.
//
// A job whose worker died is given to another, and neither the queue nor the job knows how far the first has come. The
// journal in `payments.db` does: the intent is named after the payout, so the job may run as often as it likes.
// Needs Redis, named in `REDIS_URL`, and `payglot sandbox`: it prints the environment variables that this reads. It enqueues
// the payouts, works until all are over and ends; start it again, and it goes on.

import { Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq'
import { Journal, OutcomeUnknownError, PaywintPlatform } from 'payglot'

const PAYOUTS = { '2026-11-0041': '10.10', '2026-11-0042': '20.20' }

const connection = { url: process.env.REDIS_URL }
// Seconds. A worker that has not extended its lock of a job by then loses it to a second, even if it still runs.
const redeliverAfter = Number(process.env.REDELIVER_AFTER ?? 30)

const userId = process.env.SANDBOX_USER_ID
const journal = new Journal('payments.db')
const client = new PaywintPlatform({ journal, raiseOnFailed: true })

// Makes one payout, whatever became of this job before.
async function pay({ data: { number, payeeId, amount } }) {
  const payout = {
    user_id: userId,
    payee_id: payeeId,
    amount,
    payment_method: 'WALLET',
    receiving_method: 'WALLET',
    invoice_no: number,
  }
  try {
    await client.payments.create(payout, { intent: `payout ${number}` })
  } catch (error) {
    if (error instanceof OutcomeUnknownError) {
      // Not tried again, whatever happens: the job fails, and a person looks it up.
      console.error(`payout ${number}: nobody knows; then \`payglot journal resolve\` or \`release\``)
      throw new UnrecoverableError(error.message)
    }
    // Whatever else it is, to try again is safe, because it is the same intent.
    throw error
  }
}

const { payee_id: payeeId } = await client.payees.create(
  userId,
  { name: 'Jordan Rivera', email: 'jordan@example.com' },
  { intent: 'payee Jordan Rivera' },
)

const queue = new Queue('payouts', { connection })
const events = new QueueEvents('payouts', { connection })
const jobs = []
for (const [number, amount] of Object.entries(PAYOUTS)) {
  const options = {
    // A job of this id is enqueued once, however often this runs.
    jobId: number,
    attempts: 10,
    backoff: { type: 'exponential', delay: 1000 },
  }
  jobs.push(await queue.add('pay', { number, payeeId, amount }, options))
}

const worker = new Worker('payouts', pay, {
  connection,
  concurrency: 2,
  lockDuration: redeliverAfter * 1000,
  stalledInterval: redeliverAfter * 1000,
  // How many workers may die with a job before it fails. The default is one; with an intent the job may run again.
  maxStalledCount: 10,
})
worker.on('error', console.error)
const results = await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(events)))
for (const [index, { status, reason }] of results.entries()) {
  console.log(jobs[index].id, status, reason?.message ?? '')
}
await Promise.all([worker.close(), events.close(), queue.close()])
process.exitCode = results.some(({ status }) => status === 'rejected') ? 1 : 0
