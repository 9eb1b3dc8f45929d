// CommonJS code sees the same types.

import payglot = require('payglot')

export async function main(client: payglot.PaywintPlatform): Promise<string | null | undefined> {
  const { PaywintPlatform } = payglot
  const other: payglot.PaywintPlatform = new PaywintPlatform()
  const params: payglot.PaywintPlatform.CardsCreateAddLinkParams = { card_purpose: 'PAYMENT' }
  const link = await (other ?? client).cards.createAddLink('id', params)
  return link?.secure_link
}
