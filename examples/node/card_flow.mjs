// The life of a card: link, hosted page, flags, update link, removal.
//
// Needs `payglot sandbox`: it prints the environment variables that this reads.

import { AuthenticationError, PaywintPlatform } from 'payglot'

/** What a person does in a browser: open the page, fill it in, submit. */
async function submit(page) {
  await (await fetch(page)).text()
  const form = new URLSearchParams({
    cardholder_name: 'Jordan Rivera',
    card_number: '4000 0000 0000 0002',
    expiry: '12/40',
    cvv: '123',
    address: '100 Main Street',
    postal_code: '78701',
    country: 'US',
  })
  const response = await fetch(page, { method: 'POST', body: form })
  await response.text()
  return response.status
}

const userId = process.env.SANDBOX_USER_ID
const client = new PaywintPlatform()

const link = await client.cards.createAddLink(userId, { card_purpose: 'PAYMENT' })
console.log('add-card link:', link.secure_link.includes('/hosted/cards/'))

console.log('page submitted:', await submit(link.secure_link))

const cards = await client.cards.list(userId)
console.log('cards:', cards.length)
const [card] = cards
console.log(`card: ${card.card_id} ending in ${card.card_number}`)
console.log('payment_confirm_required:', card.payment_confirm_required === true)
console.log('card_images_required:', card.card_images_required === true)
console.log('needs update:', card.needsUpdate)

const update = await client.cards.createUpdateLink(userId, {
  card_id: card.card_id,
  card_purpose: 'PAYMENT',
})
console.log('update link:', Boolean(update.secure_link))

const stranger = new PaywintPlatform({ secretKey: 'a wrong secret' })
try {
  await stranger.cards.list(userId)
  throw new Error('a wrong secret was not rejected')
} catch (error) {
  if (!(error instanceof AuthenticationError)) throw error
  console.log('wrong secret:', error.message)
}

await client.cards.delete(userId, { card_id: card.card_id })
console.log('cards after removal:', (await client.cards.list(userId)).length)
