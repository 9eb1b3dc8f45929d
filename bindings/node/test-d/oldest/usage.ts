// The types under the oldest TypeScript that is supported, and under the resolution that knows no `exports`.

import { PaywintPlatform, redact, webhooks } from 'payglot'
import { Sandbox } from 'payglot/testing'

export async function card(client: PaywintPlatform): Promise<string | null | undefined> {
  const derived: PaywintPlatform = client.withOptions({ timeout: 5_000, headers: { 'x-tenant': 'blue' } })
  return (await derived.cards.get('id'))?.card_id
}

export async function sandbox(): Promise<PaywintPlatform> {
  const sandbox = await new Sandbox().start()
  return sandbox.client(PaywintPlatform)
}

export const shown: unknown = redact(webhooks)
