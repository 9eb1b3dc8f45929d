// The same as CommonJS.

const { Linora } = require('payglot')

const client = new Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
client.users.get('1').catch((error) => console.log(error.name))
