// What the bench programs share: credentials, signing by hand, and how a rate is measured and told.

import { createHash, createHmac } from 'node:crypto'

export const ID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
export const PLATFORM_ID = 'bench-platform'
export const SECRET = 'bench-secret-key-of-some-length'
export const CARD = `/api/platform/card/get-card/${ID}`
export const PAYMENT = '/api/platform/payment/create-payment'
export const PAYMENTS = `/api/platform/payment/list-received-payment/${ID}`
export const PAGE = 100

/** Part of the measured time that is spent before it. */
const WARM_UP = 0.5
const NOTHING = createHash('sha256').digest('hex')

/** The headers of a signed request. */
export function signed(method, path, body) {
  const digest = body === undefined ? NOTHING : createHash('sha256').update(body).digest('hex')
  const signature = createHmac('sha256', SECRET).update(`${method}${path}${digest}`).digest('hex')
  return { 'X-Platform-ID': PLATFORM_ID, 'X-Signature': signature }
}

/** Reads the fields that every client reads. */
export function check(card) {
  if (!card.card_id || !card.card_number || !card.card_exp || !card.first_name || card.is_blocked !== false) {
    throw new Error('a response without its fields')
  }
}

/** The same for a payment that was made. */
export function checkPayment(payment) {
  if (!payment.payment_id || !payment.amount || payment.status !== 'success') {
    throw new Error('a response without its fields')
  }
}

/** Whether a journal is in PostgreSQL, and not in a file. */
export function isPostgres(store) {
  return store.startsWith('postgresql://')
}

/** Options of an undici pool with so many calls in flight; over HTTP/2 they share a connection. */
export function poolOf(inFlight) {
  return 'BENCH_HTTP2' in process.env ? { connections: 1, allowH2: true } : { connections: inFlight }
}

/** Latency at 50 and 99 per cent, in microseconds. */
export function percentiles(milliseconds) {
  const ordered = Float64Array.from(milliseconds).sort()
  return [50, 99].map((share) => ordered[Math.floor((ordered.length * share) / 100)] * 1000).join(' ')
}

/**
 * Keeps calls on their way, first to warm up, and then for some seconds, of which it gives how much was done; `call`
 * gives what it has done.
 */
export async function rate(call, seconds, inFlight) {
  let done
  for (const [duration, isMeasured] of [
    [seconds * WARM_UP, false],
    [seconds, true],
  ]) {
    const started = performance.now()
    const processor = process.cpuUsage()
    const until = started + duration * 1000
    done = 0
    const worker = async () => {
      while (performance.now() < until) {
        const units = await call()
        done += units
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    if (isMeasured) {
      const { user, system } = process.cpuUsage(processor)
      console.log(done, (performance.now() - started) / 1000, (user + system) / 1e6)
    }
  }
  return done
}
