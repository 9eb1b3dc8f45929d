// What the types of credentials and of reconcile allow, and what they do not.

import { type Credential, Journal, Linora, PaywintPlatform, reconcile, type Reconciliation } from 'payglot'

const key: Credential = { file: '/run/secrets/paywint' }
const client = new PaywintPlatform({ platformId: () => 'id', secretKey: key })
new Linora({ apiKey: async () => 'key', baseUrl: 'https://x' })
// @ts-expect-error a function gives text
new Linora({ apiKey: () => 5 })
// @ts-expect-error neither text, nor a file, nor a function
new Linora({ apiKey: { path: 'x' } })
export const rotated: Promise<void>[] = [client.rotate(), client.rotate({ secretKey: async () => 'new' })]

const journal = new Journal('x')
export const shown: Promise<Reconciliation> = reconcile(client, journal, new Date(), {
  ledger: [{ id: '1', amount: '10.10', status: null }],
  given: { user_id: '1' },
})
// @ts-expect-error amounts are exact
reconcile(client, journal, '2026-11-01T00:00:00Z', { ledger: [{ id: '1', amount: 10.1 }] })
void shown.then(({ breaks, notCompared }) => [breaks[0]?.kind === 'amount', notCompared[0]?.why])
