const { Linora } = require('payglot')

test('a call is made', async () => {
  const client = new Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
  await expect(client.users.get('1')).rejects.toMatchObject({ name: 'APIConnectionError' })
})
