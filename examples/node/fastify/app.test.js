// The application over a sandbox of its own, without a port.

import { PaywintPlatform } from 'payglot'
import { Sandbox } from 'payglot/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { build } from './app.js'

let sandbox
let app
beforeAll(async () => {
  sandbox = await new Sandbox().start()
  app = build(sandbox.client(PaywintPlatform), { logger: false })
})
afterAll(async () => {
  await app.close()
  await sandbox.stop()
})

test('a wallet is what it is, to the cent', async () => {
  await sandbox.fund(sandbox.userId, '250.10')
  const response = await app.inject(`/wallets/${sandbox.userId}`)
  expect(response.json().available_balance).toBe('250.10')
})

test('where nobody knows what became of a link, the caller learns that', async () => {
  await sandbox.addFault('paywint-platform/payments.create_link', 'reset_after_commit')
  const payload = { user_id: sandbox.userId, amount: '150.75' }
  const response = await app.inject({ method: 'POST', url: '/payment-links', payload })
  expect(response.statusCode).toBe(502)
  expect(response.json().may_have_happened).toBe(true)
})
