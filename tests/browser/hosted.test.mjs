// The hosted pages in a real browser: a person adds and completes a card, pays, and shows who they are.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as the from './support.mjs'

let browser
before(async () => {
  browser = await the.browser()
})
after(() => browser.close())

const CARD = {
  'Name on card': 'Ada Lovelace',
  'Card number': '4242 4242 4242 4242',
  'Expiry date': '12/39',
  CVV: '737',
  Address: '1 Main St',
  'Postal code': '94105',
  Country: 'US',
}

async function fill(page, fields) {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label).fill(text)
}

const SCREENS = [
  { viewport: the.PHONE, colorScheme: 'light' },
  { viewport: the.PHONE, colorScheme: 'dark' },
  { viewport: the.DESK, colorScheme: 'dark', javaScriptEnabled: false },
]

test('a person adds a card by the keyboard alone, on a phone', async (t) => {
  const sandbox = await the.sandbox(t)
  const link = await sandbox.addLink()
  const page = await the.open(t, browser, link, { viewport: the.PHONE })
  await the.assertSound(page)
  await page.keyboard.press('Tab')
  for (const text of Object.values({ ...CARD, 'Card number': '4000000000000010' })) {
    // Two optional fields come before the postal code.
    const optional = text === CARD['Postal code'] ? 2 : 0
    for (let skip = 0; skip <= optional; skip += 1) await page.keyboard.press('Tab')
    assert.ok(await the.focusIsVisible(page))
    await page.keyboard.type(text)
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Card added' }).waitFor()
  await the.assertSound(page)
  assert.match(await page.textContent('main'), /Your Visa ending in 0010 was added/)
  const [card] = await sandbox.cards()
  assert.equal(card.card_images_required, true)

  await page.goto(link)
  await page.getByRole('heading', { name: 'This link was already used' }).waitFor()
  await the.assertSound(page)
})

test('what is wrong is said at the field and at the top, in every light', async (t) => {
  const sandbox = await the.sandbox(t)
  const link = await sandbox.addLink()
  for (const screen of SCREENS) {
    const page = await the.open(t, browser, link, screen)
    await the.assertReadable(page)
    await fill(page, { ...CARD, 'Card number': '4000 0000 0000 9995', CVV: '12' })
    await page.getByRole('button', { name: 'Add card' }).click()
    const alert = page.getByRole('alert')
    await alert.getByRole('link', { name: 'The CVV has 3 or 4 digits' }).click()
    assert.equal(await page.evaluate(() => location.hash), '#cvv')
    assert.equal(await page.getByLabel('CVV').getAttribute('aria-invalid'), 'true')
    assert.equal(await page.getByLabel('Card number').inputValue(), '')
    assert.equal(await page.getByLabel('Name on card').inputValue(), 'Ada Lovelace')
    await the.assertSound(page)
    await the.assertReadable(page)
  }
  assert.deepEqual(await sandbox.cards(), [])
})

test('a person completes a card', async (t) => {
  const sandbox = await the.sandbox(t)
  let page = await the.open(t, browser, await sandbox.addLink())
  await fill(page, { ...CARD, 'Card number': '4000000000000051' })
  await page.getByRole('button', { name: 'Add card' }).click()
  await page.getByRole('heading', { name: 'Card added' }).waitFor()
  const [card] = await sandbox.cards()
  const path = `/api/platform/card/update/secure-link/${sandbox.user_id}`
  const body = { card_id: card.card_id, card_purpose: 'PAYMENT' }
  const { secure_link: link } = await sandbox.call('POST', path, body)
  page = await the.open(t, browser, link, { viewport: the.PHONE, colorScheme: 'dark' })
  await the.assertSound(page)
  await the.assertReadable(page)
  await the.tabTo(page, 'button')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Card updated' }).waitFor()
  const [updated] = await sandbox.cards()
  assert.deepEqual(
    [updated.card_images_required, updated.payment_confirm_required, updated.withdrawal_confirm_required],
    [false, false, false],
  )
})

test('a payer tries a declined card and then another', async (t) => {
  const sandbox = await the.sandbox(t)
  const path = `/api/platform/payment/create-payment-link/${sandbox.user_id}`
  const made = await sandbox.call('POST', path, { amount: 150.75, description: 'June <b>rent</b>' })
  const page = await the.open(t, browser, made.payment_link, { viewport: the.PHONE })
  await page.getByText('150.75 USD to Sandbox User: June <b>rent</b>').waitFor()
  await page.getByText('Test card numbers').click()
  await page.getByRole('cell', { name: '4000 0000 0000 0127' }).waitFor()
  await the.assertSound(page)
  await fill(page, { ...CARD, 'Card number': '4000000000000127' })
  await page.getByRole('button', { name: 'Pay 150.75 USD' }).click()
  await page.getByRole('alert').getByText('The card was declined: the CVV is wrong').waitFor()
  await fill(page, { 'Card number': CARD['Card number'], CVV: '737' })
  await page.getByRole('button', { name: 'Pay 150.75 USD' }).click()
  await page.getByRole('heading', { name: 'Paid' }).waitFor()
  await the.assertSound(page)
  const wallet = await sandbox.call('GET', `/api/platform/wallet/get/${sandbox.user_id}`)
  assert.equal(wallet.available_balance, 150.75)
})

test('a link that is too old says so', async (t) => {
  const sandbox = await the.sandbox(t)
  const link = await sandbox.addLink()
  await sandbox.own('POST', 'clock/advance', { seconds: 1800 })
  const page = await the.open(t, browser, link, { viewport: the.PHONE })
  await page.getByRole('heading', { name: 'This link has expired' }).waitFor()
  await the.assertSound(page)
})

test('a person shows who they are', async (t) => {
  const sandbox = await the.sandbox(t)
  const path = `/api/platform/persona/platform-user/inquiry/${sandbox.user_id}`
  const inquiry = await sandbox.call('GET', path)
  for (const screen of SCREENS) {
    const page = await the.open(t, browser, inquiry.inquiry_url, screen)
    await the.assertSound(page)
    await the.assertReadable(page)
  }
  const page = await the.open(t, browser, inquiry.inquiry_url, { viewport: the.PHONE })
  await fill(page, {
    'First name': 'Ada',
    'Last name': 'Lovelace',
    'Date of birth': '1990-12-10',
    Address: '1 Main St',
    City: 'Austin',
    'Postal code': '78701',
    Country: 'US',
  })
  await page.getByRole('button', { name: 'Submit and be approved' }).click()
  await page.getByRole('heading', { name: 'Approved' }).waitFor()
  const record = await sandbox.call('GET', `/api/platform/users/kyc/${sandbox.user_id}`)
  assert.equal(record.kyc_status, 'approved')
})

test('issue 15.12: test data is filled in, and each page speaks of what it is for', async (t) => {
  const sandbox = await the.sandbox(t)
  let page = await the.open(t, browser, await sandbox.addLink(), { viewport: the.PHONE })
  await page.getByRole('link', { name: 'Fill in test data' }).click()
  await page.getByRole('button', { name: 'Add card' }).click()
  await page.getByRole('heading', { name: 'Card added' }).waitFor()
  const path = `/api/platform/persona/platform-user/inquiry/${sandbox.user_id}`
  const { inquiry_url } = await sandbox.call('GET', path)
  page = await the.open(t, browser, inquiry_url, { viewport: the.PHONE })
  await page.getByRole('heading', { name: 'Verify your identity' }).waitFor()
  assert.equal((await page.textContent('body')).includes('card'), false)
  await page.getByRole('link', { name: 'Fill in test data' }).click()
  await the.assertAccessible(page)
  await the.assertWhole(page)
  await page.getByRole('button', { name: 'Submit and be approved' }).click()
  await page.getByRole('heading', { name: 'Approved' }).waitFor()
})
