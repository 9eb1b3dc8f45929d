// The life of a card over the sandbox.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { AuthenticationError, NotFoundError, PaywintPlatform } from 'payglot'
import { startSandbox } from './support.mjs'

/** Fills and sends the hosted form like a browser. */
async function enterCard(link, number) {
  const page = await fetch(link)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<form method="post"/)
  return fetch(link, {
    method: 'POST',
    body: new URLSearchParams({
      cardholder_name: 'Ada Lovelace',
      card_number: number,
      expiry: '08/35',
      cvv: '123',
      address: '1 Main St',
      postal_code: '10001',
      country: 'US',
    }),
  })
}

test('a card is added, listed, updated and deleted', async (t) => {
  const sandbox = await startSandbox(t)
  const { userId } = sandbox
  const client = new PaywintPlatform({
    platformId: sandbox.credentials.platformId,
    secretKey: sandbox.credentials.secretKey,
    baseUrl: sandbox.baseUrl,
  })

  const link = await client.cards.createAddLink(userId, { card_purpose: 'PAYMENT' })
  const minutes = (link.expiresAt - Date.now()) / 60_000
  assert.ok(minutes > 29 && minutes <= 30)
  assert.ok(!inspect(link).includes(link.secure_link), 'the link is not printed')
  const entered = await enterCard(link.secure_link, '4000000000000002')
  assert.equal(entered.ok, true)

  const cards = await client.cards.list(userId)
  assert.equal(cards.length, 1)
  const [{ card_id: cardId }] = cards
  assert.equal(cards[0].payment_confirm_required, true)
  assert.equal(cards[0].needsUpdate, true)
  assert.equal(JSON.parse(JSON.stringify(cards[0])).needsUpdate, undefined)

  const card = await client.cards.get(cardId)
  assert.deepEqual({ ...card }, { ...cards[0] })

  const update = await client.cards.createUpdateLink(userId, { card_id: cardId, card_purpose: 'PAYMENT' })
  assert.match(update.secure_link, /^http/)

  await client.cards.delete(userId, { card_id: cardId })
  assert.deepEqual(await client.cards.list(userId), [])
  await assert.rejects(client.cards.get(cardId), (error) => {
    assert.ok(error instanceof NotFoundError)
    assert.equal(error.status, 404)
    assert.equal(error.operation, 'cards.get')
    return true
  })
})

test('a wrong secret is an AuthenticationError', async (t) => {
  const sandbox = await startSandbox(t)
  const client = new PaywintPlatform({
    platformId: sandbox.credentials.platformId,
    secretKey: 'a wrong secret',
    baseUrl: sandbox.baseUrl,
  })
  await assert.rejects(client.cards.list(sandbox.userId), (error) => {
    assert.ok(error instanceof AuthenticationError)
    assert.equal(error.status, 401)
    assert.ok(!inspect(error).includes('a wrong secret'))
    return true
  })
})
