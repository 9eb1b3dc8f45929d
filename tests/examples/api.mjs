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
  return [response.status, await response.json()]
}

async function sandbox(path, body) {
  const headers = { authorization: `Bearer ${PAYGLOT_SANDBOX_TOKEN}` }
  const [status, made] = await fetchJson(`${PAYWINT_BASE_URL}/_sandbox/api/${path}`, body, headers)
  assert.equal(status, 200, JSON.stringify(made))
}

const wallet = (user) => fetchJson(`${address}/wallets/${user}`)
const newLink = (amount) => fetchJson(`${address}/payment-links`, { user_id: SANDBOX_USER_ID, amount })

async function assertFails(call, status, mayHaveHappened) {
  const [shown, body] = await call
  assert.deepEqual([shown, body.may_have_happened], [status, mayHaveHappened], JSON.stringify(body))
  assert.ok(body.error.length > 0)
}

await sandbox(`wallets/${SANDBOX_USER_ID}/fund`, { amount: '250.10' })
const [status, funded] = await wallet(SANDBOX_USER_ID)
// Text, or a number, as the language has it.
assert.deepEqual([status, Number(funded.available_balance)], [200, 250.1], JSON.stringify(funded))
assert.equal(funded.user_id, SANDBOX_USER_ID)

const [made, link] = await newLink('150.75')
assert.equal(made, 201, JSON.stringify(link))
assert.ok(link.payment_link.includes('/hosted/pay/'))

await assertFails(wallet(NOBODY), 404, false)
await assertFails(newLink('0'), 422, false)
await sandbox('faults', { operation: 'paywint-platform/payments.create_link', kind: 'reset_after_commit' })
await assertFails(newLink('150.75'), 502, true)
