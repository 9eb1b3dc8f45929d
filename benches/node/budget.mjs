// Memory after a first call, in KB over bare Node: `budget.mjs URL`.

import { ID, PLATFORM_ID, SECRET, check } from './common.mjs'

const before = process.memoryUsage.rss()
const { PaywintPlatform } = await import('payglot')
const client = new PaywintPlatform({ platformId: PLATFORM_ID, secretKey: SECRET, baseUrl: process.argv[2] })
check(await client.cards.get(ID))
console.log(Math.round((process.memoryUsage.rss() - before) / 1024))
process.exit()
