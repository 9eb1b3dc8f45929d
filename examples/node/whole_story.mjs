// The whole story: identity, card, wallet, payments, issued cards, and the webhooks that report them.
//
// Needs `payglot sandbox`: it prints the environment variables that this reads.

import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

import {
  EventInProgressError,
  Linora,
  PaywintDeveloper,
  PaywintPlatform,
  WebhookVerificationError,
  webhooks,
} from 'payglot'

const SECRET = 'the secret of these webhooks'
const PERSON = { address: '100 Main Street', city: 'Austin', state: 'TX', country: 'US' }
const CARD = {
  ...PERSON,
  cardholder_name: 'Robin Diaz',
  card_number: '4242 4242 4242 4242',
  expiry: '12/40',
  cvv: '123',
  postal_code: '78701',
}
const IDENTITY = {
  ...PERSON,
  first_name: 'Robin',
  last_name: 'Diaz',
  dob: '1990-04-01',
  zip: '78701',
  decision: 'approve',
}

/** What a person does in a browser: open the page, fill it in, submit. */
async function submit(page, form) {
  await (await fetch(page)).text()
  const response = await fetch(page, { method: 'POST', body: new URLSearchParams(form) })
  await response.text()
  return response.status
}

/** What happens outside of the APIs: a bank that sends money, time that goes by. */
async function sandbox(path, body = {}) {
  const url = `${process.env.PAYWINT_BASE_URL}/_sandbox/api/${path}`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.env.PAYGLOT_SANDBOX_TOKEN}` }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
}

// What the webhooks told: a line, and the id of the event.
const heard = []
const guard = new webhooks.ReplayGuard()

/** Takes a delivery that is genuine, and handles each event once. */
async function receive(path, body, headers) {
  const fromDeveloper = path === '/developer'
  let event
  try {
    const api = fromDeveloper ? webhooks.paywintDeveloper : webhooks.paywintPlatform
    event = api.constructEvent(body, headers, SECRET)
  } catch (error) {
    if (error instanceof WebhookVerificationError) return [400, error.message]
    throw error
  }
  try {
    const isFirst = await guard.handling(event.id, () => noteWhat(event, fromDeveloper))
    if (!isFirst) heard.push({ line: `${event.event} again`, id: event.id })
  } catch (error) {
    if (error instanceof EventInProgressError) return [503, error.message]
    throw error
  }
  return [200, 'received']
}

/** Notes what an event says. */
function noteWhat(event, fromDeveloper) {
  const note = (line) => heard.push({ line, id: event.id })
  switch (event.kind) {
    case 'kyc.approved':
      note('identity approved')
      break
    case 'card.added':
      note('card added')
      break
    case 'payment.success':
      if (fromDeveloper) note(`card loaded: ${event.data.amount_cents} cents`)
      else note(`paid: ${event.data.amount} ${event.data.currency}`)
      break
  }
}

/** The next things told; fails where they do not come in time. */
async function next(count) {
  for (const end = Date.now() + 10_000; heard.length < count;) {
    if (Date.now() > end) throw new Error('the webhooks did not come')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return heard.splice(0, count)
}

const server = createServer(async (request, response) => {
  const [status, text] = await receive(request.url, await buffer(request), request.headers)
  response.writeHead(status).end(text)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = `http://127.0.0.1:${server.address().port}`
for (const api of ['platform', 'developer']) {
  const endpoint = { url: `${address}/${api}`, secret: SECRET, provider: `paywint-${api}` }
  await sandbox('webhooks/endpoints', endpoint)
}

// Paywint Platform API: a user who pays and is paid.
const platform = new PaywintPlatform()
const { user_id: userId } = await platform.users.create({ name: 'Robin Diaz', email: 'robin@example.com' })
console.log('user:', userId)

const inquiry = await platform.kyc.getInquiry(userId)
console.log('identity page submitted:', await submit(inquiry.inquiry_url, IDENTITY))
console.log('identity:', (await platform.kyc.get(userId)).kyc_status)

const cardLink = await platform.cards.createAddLink(userId, { card_purpose: 'PAYMENT' })
console.log('card page submitted:', await submit(cardLink.secure_link, CARD))
for (const card of await platform.cards.list(userId)) {
  console.log(`card: ${card.card_id} ending in ${card.card_number}`)
}

await sandbox(`wallets/${userId}/fund`, { amount: '250.00' })
console.log('wallet:', (await platform.wallets.get(userId)).available_balance)

const payee = await platform.payees.create(userId, { name: 'Jordan Rivera', email: 'jordan@example.com' })
const street = await platform.payeeAddresses.create(userId, {
  payee_id: payee.payee_id,
  first_name: 'Jordan',
  last_name: 'Rivera',
  address_line_1: '200 Oak Avenue',
  city: 'Denver',
  state: 'CO',
  zipcode: '80202',
  country: 'US',
})
console.log(`payee: ${payee.name}, ${street.city}`)

const payment = await platform.payments.create({
  user_id: userId,
  payee_id: payee.payee_id,
  amount: '100.10',
  payment_method: 'WALLET',
  receiving_method: 'WALLET',
  invoice_no: 'INV-1',
})
console.log('payment:', payment.amount, payment.status)

await platform.checks.addAddress(userId, {
  address_line_1: '100 Main Street',
  city: 'Austin',
  state: 'TX',
  zipcode: '78701',
  country: 'US',
})
const check = await platform.payments.mailCheck(userId, {
  payee_id: payee.payee_id,
  payee_address_id: street.address_id,
  amount: '25.00',
  invoice_no: 'INV-2',
})
console.log(`mailed check: ${check.amount} ${check.status}, postage ${check.delivery_fee}`)

const payLink = await platform.payments.createLink(userId, { amount: '150.75', description: 'June invoice' })
console.log('payment page submitted:', await submit(payLink.payment_link, CARD))
for await (const received of platform.payments.listReceived(userId)) {
  console.log('received:', received.amount, received.status)
}

// Paywint Developer API: a card for a payee.
const developer = new PaywintDeveloper()
const { user_id: developerId } = await developer.wallets.get()
await sandbox(`wallets/${developerId}/fund`, { amount: '100.00' })
const recipient = await developer.payees.create({ name: 'Sam Ortiz', email: 'sam@example.com' })
await developer.payeeAddresses.create({
  payee_id: recipient.payee_id,
  first_name: 'Sam',
  last_name: 'Ortiz',
  address_line_1: '300 Pine Street',
  city: 'Boise',
  state: 'ID',
  zipcode: '83702',
  country: 'US',
  is_default: true,
})
const request = await developer.paywintCards.issue({
  payee_id: recipient.payee_id,
  amount: '20.00',
  card_nick_name: 'Travel',
})
console.log('Paywint card:', request.amount, request.status)
await sandbox('clock/advance', { seconds: 60 })
const issued = await developer.paywintCards.get(request.request_id)
console.log(`a minute later: ${issued.status}, ${issued.card_number}`)
const reload = await developer.paywintCards.reload({ payee_card_id: issued.payee_card_id, amount: '5.50' })
console.log('reloaded:', reload.amount, reload.status)
console.log("developer's wallet:", (await developer.wallets.get()).available_balance)

// Linora: a virtual card.
const linora = new Linora()
const holder = await linora.users.create()
await sandbox(`wallets/${holder.userId}/fund`, { amount: '100.00' })
const virtual = await linora.cards.create(holder.userId, {
  cardName: 'Groceries',
  initialBalance: '40.00',
})
console.log(`virtual card: ${virtual.balance} ${virtual.status}, issued for ${virtual.issuanceFee}`)
console.log('topped up:', (await linora.cards.topUp(virtual.cardId, { amount: '10.00' })).balance)
const password = await linora.cards.getOtp(virtual.cardId)
console.log(`one-time password: ${password.otp.length} digits`)

// The post takes days, on the sandbox's clock.
await sandbox('clock/advance', { seconds: 7 * 24 * 60 * 60 })
console.log('a week later, the check:', (await platform.payments.get(check.payment_id)).status)

// The webhooks come in any order.
const events = await next(7)
events.sort((a, b) => (a.line < b.line ? -1 : 1))
for (const { line } of events) console.log('told of:', line)

const { body, headers } = webhooks.paywintPlatform.sampleDelivery('payment.success', SECRET, {
  data: { amount: '12.50' },
})
const tampered = body.toString().replace('12.50', '99.50')
const refused = await fetch(`${address}/platform`, { method: 'POST', headers, body: tampered })
console.log('tampered:', refused.status, await refused.text())

await sandbox(`webhooks/events/${events.at(-1).id}/resend`)
for (const { line } of await next(1)) console.log('told of:', line)
server.close()
server.closeAllConnections()
