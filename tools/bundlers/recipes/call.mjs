// What each bundler bundles: a call with payglot, which finds nobody.

import { Linora } from 'payglot'

const client = new Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
const error = await client.users.get('1').catch((reason) => reason)
console.log(error.name)
