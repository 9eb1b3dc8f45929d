// One signed call in a process of its own: `cold.mjs payglot|undici|fetch URL`.

const [who, url] = process.argv.slice(2)

if (who === 'payglot') {
  const { PaywintPlatform } = await import('payglot')
  const options = { platformId: 'bench-platform', secretKey: 'bench-secret-key-of-some-length', baseUrl: url }
  const card = await new PaywintPlatform(options).cards.get('f47ac10b-58cc-4372-a567-0e02b2c3d479')
  if (!card.card_id) {
    throw new Error('a response without its fields')
  }
} else {
  const { CARD, check, signed } = await import('./common.mjs')
  const headers = signed('GET', CARD)
  if (who === 'undici') {
    const { request } = await import('undici')
    const { body } = await request(url + CARD, { headers })
    check((await body.json()).data)
  } else {
    const response = await fetch(url + CARD, { headers })
    check((await response.json()).data)
  }
}
process.exit()
