// Code without a guard where the overlay says certain; `@ts-expect-error` marks what still needs one (issue 15.8).

import { Linora, PaywintDeveloper, PaywintPlatform } from 'payglot'

export async function certain(client: PaywintPlatform, userId: string): Promise<string> {
  const wallet = await client.wallets.get(userId)
  const spendable: string = wallet.available_balance
  const link = await client.cards.createAddLink(userId, { card_purpose: 'PAYMENT' })
  const texts = [spendable.trim(), link.secure_link.toUpperCase()]
  for await (const payment of client.payments.listReceived(userId)) {
    texts.push(payment.payment_id.trim(), payment.status.trim(), payment.amount.trim())
  }
  const { data } = await client.withRawResponse.payments.get(userId)
  return texts.concat(data.payment_id.trim()).join()
}

export async function others(developer: PaywintDeveloper, linora: Linora): Promise<string> {
  const card = await developer.paywintCards.get('r')
  return card.request_id.trim() + card.status.trim() + (await linora.cards.get('c')).cardId.trim()
}

export async function notCertain(client: PaywintPlatform, id: string): Promise<unknown[]> {
  const payment = await client.payments.get(id)
  const funded = await client.wallets.fund(id, { amount: '1', bank_id: null })
  const updated = await client.checks.updateConfig(id)
  // @ts-expect-error may be null or left out
  const description: string = payment.description
  // @ts-expect-error may be null or left out
  const inner = funded.payment.payment_id
  // @ts-expect-error may be null as a whole
  const logo = updated.logo
  return [description, inner, logo]
}
