'use strict'

// What a test can do to a sandbox: its JSON interface, as methods.

const { request } = require('node:http')

/** The sandbox did not start, or refused what a test asked of it. */
class SandboxError extends Error {
  get name() {
    return 'SandboxError'
  }
}

/** Milliseconds for a call of the interface. */
const TIMEOUT = 30_000
const id = encodeURIComponent

/** The interface for tests; `baseUrl` comes from the class that starts a sandbox. */
class SandboxAPI {
  info() {
    return send(this, 'GET', 'info')
  }

  requests() {
    return list(this, 'GET', 'requests', 'requests')
  }

  advance(seconds) {
    return send(this, 'POST', 'clock/advance', { seconds })
  }

  fund(account, amount) {
    return send(this, 'POST', `wallets/${id(account)}/fund`, { amount: String(amount) })
  }

  pay(paymentId, { payerName } = {}) {
    return send(this, 'POST', `payments/${id(paymentId)}/pay`, { payer_name: payerName })
  }

  reject(paymentId, { reason } = {}) {
    return send(this, 'POST', `payments/${id(paymentId)}/reject`, { reason })
  }

  refund(paymentId) {
    return send(this, 'POST', `payments/${id(paymentId)}/refund`)
  }

  kyc(userId, status) {
    return send(this, 'POST', `kyc/${id(userId)}`, { status })
  }

  forgetKyc(userId) {
    return send(this, 'DELETE', `kyc/${id(userId)}`)
  }

  kyb(userId, status) {
    return send(this, 'POST', `kyb/${id(userId)}`, { status })
  }

  forgetKyb(userId) {
    return send(this, 'DELETE', `kyb/${id(userId)}`)
  }

  addPayeeCard(payeeId, { lastFour, expiry, nickName } = {}) {
    const card = { last_four: lastFour, expiry, nick_name: nickName }
    return send(this, 'POST', `payees/${id(payeeId)}/cards`, card)
  }

  spend(cardId, amount) {
    return send(this, 'POST', `linora/cards/${id(cardId)}/spend`, { amount: String(amount) })
  }

  ledger() {
    return send(this, 'GET', 'ledger')
  }

  snapshot() {
    return send(this, 'GET', 'snapshot')
  }

  restore(snapshot) {
    return send(this, 'POST', 'restore', snapshot)
  }

  reset() {
    return send(this, 'POST', 'reset')
  }

  faults() {
    return list(this, 'GET', 'faults', 'faults')
  }

  addFault(operation, kind, { times, status, retryAfter, delayMs } = {}) {
    const fault = { operation, kind, times, status, retry_after: retryAfter, delay_ms: delayMs }
    return list(this, 'POST', 'faults', 'faults', fault)
  }

  removeFault(fault) {
    return list(this, 'DELETE', `faults/${id(fault)}`, 'faults')
  }

  async clearFaults() {
    await send(this, 'DELETE', 'faults')
  }

  webhookEndpoints() {
    return list(this, 'GET', 'webhooks/endpoints', 'endpoints')
  }

  addWebhook(url, { secret, ...settings } = {}) {
    return send(this, 'POST', 'webhooks/endpoints', { url, secret, ...settings })
  }

  async removeWebhook(endpoint) {
    await send(this, 'DELETE', `webhooks/endpoints/${id(endpoint)}`)
  }

  holdWebhooks(endpoint) {
    return send(this, 'POST', `webhooks/endpoints/${id(endpoint)}/hold`)
  }

  releaseWebhooks(endpoint, { order } = {}) {
    return send(this, 'POST', `webhooks/endpoints/${id(endpoint)}/release`, { order })
  }

  webhookEvents() {
    return list(this, 'GET', 'webhooks/events', 'events')
  }

  resendWebhook(eventId) {
    return send(this, 'POST', `webhooks/events/${id(eventId)}/resend`)
  }
}

async function list(sandbox, method, path, name, body) {
  const answer = await send(sandbox, method, path, body)
  return answer[name]
}

// Not `fetch`, whose connections would keep a process, and its sandbox, alive for seconds.
async function send(sandbox, method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  const { status, answer } = await new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(TIMEOUT) }
    const sent = request(`${sandbox.baseUrl}/_sandbox/api/${path}`, options, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, answer: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(text)
  }).catch((cause) => {
    throw new SandboxError(`the sandbox does not answer: ${cause.message}`, { cause })
  })
  if (status !== 200) {
    throw new SandboxError(`${method} ${path}: the sandbox answered ${status}: ${answer}`)
  }
  return JSON.parse(answer)
}

module.exports = { SandboxAPI, SandboxError }
