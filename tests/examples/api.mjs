// What the examples of an API must do alike, whatever they are written with: `node api.mjs URL`, with the environment of the
// sandbox that the example speaks to.

import assert from 'node:assert/strict'

const address = process.argv[2]
const { PAYWINT_BASE_URL, PAYGLOT_SANDBOX_TOKEN, SANDBOX_USER_ID } = process.env
const NOBODY = '00000000-0000-4000-8000-000000000000'

async function fetchJson(url, body, headers) {
  const post = { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url, {
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && post),
  })
  return { status: response.status, ...(await response.json()) }
}

async function sandbox(path, body) {
  const headers = { authorization: `Bearer ${PAYGLOT_SANDBOX_TOKEN}` }
  const { status, ...made } = await fetchJson(`${PAYWINT_BASE_URL}/_sandbox/api/${path}`, body, headers)
  assert.equal(status, 200, JSON.stringify(made))
}

const wallet = (user) => fetchJson(`${address}/wallets/${user}`)
const newLink = (amount) => fetchJson(`${address}/payment-links`, { user_id: SANDBOX_USER_ID, amount })
const outcome = ({ status, may_have_happened }) => ({ status, may_have_happened })

await sandbox(`wallets/${SANDBOX_USER_ID}/fund`, { amount: '250.10' })
const funded = await wallet(SANDBOX_USER_ID)
// Text, or a number, as the language has it.
assert.deepEqual([funded.status, Number(funded.available_balance)], [200, 250.1], JSON.stringify(funded))
assert.equal(funded.user_id, SANDBOX_USER_ID)

const link = await newLink('150.75')
assert.equal(link.status, 201, JSON.stringify(link))
assert.ok(link.payment_link.includes('/hosted/pay/'))

const missing = await wallet(NOBODY)
assert.deepEqual(outcome(missing), { status: 404, may_have_happened: false })
assert.match(missing.error, /wallets\.get/)
assert.deepEqual(outcome(await newLink('0')), { status: 422, may_have_happened: false })

await sandbox('faults', { operation: 'paywint-platform/payments.create_link', kind: 'reset_after_commit' })
const unknown = await newLink('150.75')
assert.deepEqual(outcome(unknown), { status: 502, may_have_happened: true })
assert.match(unknown.error, /payments\.create_link/)
