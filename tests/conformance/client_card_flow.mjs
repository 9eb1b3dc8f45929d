// The card flow of `examples/`, with the client that @hey-api/openapi-ts made.

import assert from 'node:assert/strict'

import sdk from './built/sdk.gen.js'
import { submit, USER } from './client.mjs'

const path = { user_id: USER }
const list = async () => (await sdk.listCardApiPlatformCardListUserIdGet({ path })).data.records
const remove = (card_id) => sdk.deleteCardApiPlatformCardDeleteUserIdDelete({ path, body: { card_id } })

const added = await sdk.getAddCardAuthorizedLinkApiPlatformCardAddSecureLinkUserIdPost({
  path,
  body: { card_purpose: 'PAYMENT' },
})
console.log('page submitted:', await submit(added.data.data.secure_link))

const cards = await list()
assert.equal(cards.length, 1)
assert.equal(cards[0].payment_confirm_required, true)
console.log('cards:', cards.length)

const { card_id } = cards[0]
const updated = await sdk.getUpdateCardAuthorizedLinkApiPlatformCardUpdateSecureLinkUserIdPost({
  path,
  body: { card_id, card_purpose: 'PAYMENT' },
})
assert.ok(updated.data.data.secure_link.includes('/hosted/'))
console.log('update link: made')

assert.ok((await remove(card_id)).data.success)
assert.deepEqual(await list(), [])
console.log('cards after removal: 0')

await assert.rejects(remove(card_id), { detail: 'Card not found' })
console.log('removed again: Card not found')
