// What the types of the inbox allow, and what they do not.

import { Journal, PaywintPlatform, webhooks } from 'payglot'

const inbox = new webhooks.paywintPlatform.Inbox(new Journal('x'), 'secret', { maxAttempts: 3 })
inbox.on('payment.success', (event) => event.data?.payment_id satisfies string | null | undefined)
inbox.on('payment.success', async (event, object) => void [event.kind satisfies 'payment.success', object], {
  refresh: new PaywintPlatform(),
})
inbox.on('*', (event) => event.kind)
// @ts-expect-error there is no such event
inbox.on('payment.sucess', () => {})
export const status: Promise<number> = inbox.receive('body', {})
export const other: PaywintPlatform = new PaywintPlatform().withCredentials({ platformId: 'a', secretKey: 'b' })
export const caught: Promise<webhooks.CaughtUp> = inbox.catchUp(other, { since: 1 })
export const state: webhooks.EventState = 'dead'
