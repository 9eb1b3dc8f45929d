// The page `/_sandbox/` in a real browser: by keyboard, light and dark, on a phone, with updates that come by
// themselves.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as the from './support.mjs'

const VIEWS = ['', 'objects', 'ledger', 'webhooks', 'faults', 'clock']

let browser
before(async () => {
  browser = await the.browser()
})
after(() => browser.close())

/** A sandbox in which something of everything has happened. */
async function town(test) {
  const sandbox = await the.sandbox(test)
  const [good, bad] = [await the.receiver(test, 200), await the.receiver(test, 500)]
  for (const url of [good, bad]) await sandbox.own('POST', 'webhooks/endpoints', { url, secret: 's' })
  await sandbox.cards()
  await sandbox.call('GET', `/api/platform/card/list/${sandbox.user_id}`, undefined, 'a wrong key')
  await sandbox.own('POST', `wallets/${sandbox.user_id}/fund`, { amount: '123.45' })
  await sandbox.own('POST', `kyc/${sandbox.user_id}`, { status: 'approved' })
  const fault = { operation: 'linora/*', kind: 'status', status: 429, retry_after: 3, times: null }
  await sandbox.own('POST', 'faults', fault)
  return sandbox
}

test('every view is sound in every light and on every screen, with and without its script', async (t) => {
  const sandbox = await town(t)
  for (const screen of [
    { viewport: the.PHONE, colorScheme: 'light' },
    { viewport: the.PHONE, colorScheme: 'dark' },
    { viewport: the.DESK, colorScheme: 'light' },
    { viewport: the.DESK, colorScheme: 'dark' },
    { viewport: the.DESK, colorScheme: 'dark', javaScriptEnabled: false },
  ]) {
    for (const view of VIEWS) {
      const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/${view}`, screen)
      if (screen.javaScriptEnabled !== false) {
        await page.evaluate(() => document.querySelectorAll('details').forEach((more) => (more.open = true)))
      }
      await the.assertSound(page)
      await the.assertReadable(page)
      if (screen.javaScriptEnabled !== false) await the.assertAccessible(page)
      if (screen.viewport === the.PHONE) await the.assertWhole(page)
    }
  }
})

test('a request appears by itself, is read out, and is opened by the keyboard', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/`, { viewport: the.PHONE })
  await page.getByText('No request so far').waitFor()
  const announcement = page.getByRole('status')
  await sandbox.call('GET', `/api/platform/card/list/${sandbox.user_id}`, undefined, 'a wrong key')
  await page.locator('#log').getByText('cards.list', { exact: true }).first().waitFor()
  await announcement.filter({ hasText: '1 new request' }).waitFor()
  assert.equal(await announcement.getAttribute('aria-live'), 'polite')

  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'the skip link')
  await the.tabTo(page, '#log summary')
  await page.keyboard.press('Enter')
  await page.getByText('Should be signed').waitFor()

  // An update neither closes what is open nor moves the focus.
  await sandbox.cards()
  await page.locator('#log > li').nth(1).waitFor()
  assert.equal(await page.getByText('Should be signed').isVisible(), true)
  assert.match(await page.evaluate(() => document.activeElement.id), /^request-1-/)
  await the.assertSound(page)
})

test('issue 15.11: a request is found, is grouped and says why it was refused, on one line', async (t) => {
  const sandbox = await the.sandbox(t)
  await sandbox.cards()
  await sandbox.call('POST', `/api/platform/payment/create-payment-link/${sandbox.user_id}`, { amount: -1 })
  await fetch(`${sandbox.base_url}/nowhere`, { headers: { 'User-Agent': 'shop/2.1' } })
  const page = await the.open(t, browser, sandbox.base_url)
  assert.equal(new URL(page.url()).pathname, '/_sandbox/')
  const rows = page.locator('#log > li:visible')
  assert.equal(await rows.count(), 3)
  await page.getByText('body.amount: Input should be greater than 0').first().waitFor()
  await page.getByText('no operation has this path').first().waitFor()
  await page.getByText('shop/2.1').first().waitFor()
  assert.ok((await rows.last().boundingBox()).height < 40, 'one line')
  const short = await rows.last().locator('.path').textContent()
  assert.match(short, /^\/api\/platform\/card.*….*[0-9a-f]$/)

  await page.getByLabel('Filter requests').pressSequentially('422 AMOUNT')
  assert.equal(await rows.count(), 1)
  await sandbox.cards()
  await page.getByRole('status').filter({ hasText: '1 new request' }).waitFor()
  assert.equal(await rows.count(), 1)
  await page.getByLabel('Filter requests').fill('no such thing')
  await page.getByText('No request fits the filter.').waitFor()
  await page.getByLabel('Filter requests').fill('')
  await page.getByRole('checkbox', { name: 'By operation' }).check()
  await page.locator('summary', { hasText: 'paywint-platform/cards.list' }).getByText('2 requests').waitFor()
  await page.locator('summary', { hasText: 'no operation' }).getByText('1 failed').waitFor()
})

test('issue 15.11: on a phone too the list shows who called, and a request id finds its request', async (t) => {
  const sandbox = await the.sandbox(t)
  const agent = 'payglot-python/0.1.0 CPython/3.12'
  const link = `${sandbox.base_url}/api/platform/payment/create-payment-link/${sandbox.user_id}`
  const response = await fetch(link, { method: 'POST', headers: { 'User-Agent': agent } })
  assert.equal(response.headers.get('x-request-id'), 'req-1')
  await sandbox.cards()
  for (const colorScheme of ['light', 'dark']) {
    const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/`, { viewport: the.PHONE, colorScheme })
    const row = page.locator('#request-1')
    const caller = row.locator('summary > .caller')
    assert.equal(await caller.evaluate((element) => element.innerText), 'payglot-python')
    const [operation, called] = [await row.locator('.operation').boundingBox(), await caller.boundingBox()]
    assert.equal(Math.round(called.y), Math.round(operation.y), 'one line with the operation')
    await the.assertWhole(page)
    await the.assertAccessible(page)
    await page.getByLabel('Filter requests').fill('req-1')
    assert.equal(await page.locator('#log > li:visible').count(), 1)
    await row.locator('summary').first().click()
    await row.getByText('req-1', { exact: true }).waitFor()
  }
})

test('issue 15.11: what is first to do, credentials and requests are copied', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const copied = async (name) => {
    await page.getByRole('button', { name }).click()
    await page.getByRole('status').filter({ hasText: 'Copied.' }).waitFor()
    return page.evaluate(() => navigator.clipboard.readText())
  }
  await page.getByText('Start here').waitFor()
  const exports = await copied('Copy credentials')
  // What steers the sandbox itself is no credential of a client.
  const credentials = Object.entries(sandbox.environment).filter(([name]) => !name.startsWith('PAYGLOT_SANDBOX_'))
  assert.ok(credentials.length > 5)
  for (const [name, value] of credentials) {
    assert.ok(exports.includes(`export ${name}=${value}`), name)
  }
  for (const [language, text] of [
    ['Python', 'client = PaywintPlatform()'],
    ['Node', "from 'payglot'"],
    ['Rust', 'Client::from_env()?'],
    ['Command line', 'payglot call paywint-platform'],
  ]) {
    await page.locator('.start .codes summary', { hasText: language }).click()
    assert.ok((await copied(`Copy ${language}`)).includes(text), language)
  }

  await sandbox.addLink()
  await page.goto(`${sandbox.base_url}/_sandbox/`)
  await page.getByText('Credentials and first lines').waitFor()
  await page.locator('#log summary').first().click()
  const code = async (language) => {
    await page.locator('#log .codes summary', { hasText: language }).click()
    return copied(`Copy ${language}`)
  }
  const curl = await code('curl')
  assert.match(curl, /^BODY='\{"card_purpose": "[A-Z]+"\}'\n/)
  assert.ok(curl.includes('-H "X-Signature: $(payglot sign --method POST --path /api/platform/card/add/secure-link/'))
  assert.ok(!curl.includes(sandbox.secret_key) && !curl.includes(sandbox.platform_id))
  const call = `create_add_link("${sandbox.user_id}", card_purpose="`
  assert.ok((await code('Python')).includes(`PaywintPlatform().cards.${call}`))
  assert.ok((await code('Node')).includes(`.cards.createAddLink("${sandbox.user_id}", { card_purpose: "`))
  const rust = await code('Rust')
  assert.match(rust, /let body = types::PlatformCardAddLinkCreate::builder\(\)\n    \.card_purpose\("[A-Z]+"\)\n/)
  assert.ok(rust.includes(`client.cards().create_add_link("${sandbox.user_id}", &body).await?`))
})

test('updates can be paused', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/`)
  const pause = page.getByRole('button', { name: 'Pause updates' })
  await pause.click()
  assert.equal(await pause.getAttribute('aria-pressed'), 'true')
  await sandbox.cards()
  await page.waitForTimeout(2500)
  assert.equal(await page.getByText('No request so far').isVisible(), true)
  await pause.click()
  await page.locator('#log').getByText('cards.list', { exact: true }).first().waitFor()
})

test('a mistake in signing is marked where it is', async (t) => {
  const sandbox = await the.sandbox(t)
  const { createHash, createHmac } = await import('node:crypto')
  const hash = createHash('sha256').update('{}').digest('hex')
  const path = '/api/platform/users/list'
  const signature = createHmac('sha256', sandbox.secret_key).update(`POST${path}${hash}`)
  await sandbox.send('POST', `${path}?page=1`, '{}', signature.digest('hex'))
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/?only=failed`)
  await page.locator('#log > li > details > summary').click()
  assert.deepEqual(await page.locator('mark').allTextContents(), ['?page=1', '(nothing)'])
})

test('faults, the clock and a reset by the keyboard alone', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/faults`)
  await the.tabTo(page, '#operation')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('paywint-platform/users.list')
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'The fault will happen' }).waitFor()
  const { faults } = await sandbox.own('GET', 'faults')
  assert.deepEqual([faults[0].operation, faults[0].kind], ['paywint-platform/users.list', 'status'])
  await the.tabTo(page, '#faults button')
  await page.keyboard.press('Enter')
  await page.getByText('Everything goes well').waitFor()

  await the.tabTo(page, 'nav a[href="/_sandbox/clock"]')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Clock and state', level: 1 }).waitFor()
  await the.tabTo(page, '#amount')
  await page.keyboard.type('45')
  await page.keyboard.press('Enter')
  await page.getByText('Ahead of this machine: 45 min').waitFor()
  await the.tabTo(page, '#reset')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Reset the sandbox?' })
  await dialog.waitFor()
  await the.assertAccessible(page)
  await page.keyboard.press('Escape')
  assert.equal(await page.getByText('back at its start').isVisible(), false)
  await page.locator('#reset').press('Enter')
  await the.tabTo(page, '#ask-yes')
  await page.keyboard.press('Enter')
  await page.getByText('The sandbox is back at its start.').waitFor()
  await page.getByText('Ahead of this machine: not at all').waitFor()
  await the.assertSound(page)
})

test('webhooks are followed and sent again', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/webhooks`)
  await page.getByLabel('URL').fill(await the.receiver(t, 500))
  await page.getByLabel('Secret').fill('wh-s3cret')
  await page.getByRole('button', { name: 'Add endpoint' }).click()
  await page.getByText('The endpoint is registered.').waitFor()
  await sandbox.own('POST', `kyc/${sandbox.user_id}`, { status: 'failed' })
  await page.locator('summary', { hasText: 'kyc.failed' }).click()
  await page.getByText('status 500').first().waitFor()
  await page.locator('summary .badge', { hasText: 'waiting' }).waitFor()
  await sandbox.own('POST', 'clock/advance', { seconds: 60 })
  await page.getByText('status 500').nth(1).waitFor()
  await sandbox.own('POST', 'clock/advance', { seconds: 300 })
  await page.locator('summary .badge', { hasText: 'given up' }).waitFor()
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('The event goes out once more.').waitFor()
  await page.locator('summary', { hasText: 'kyc.failed' }).click()
  await page.getByText('status 500').nth(3).waitFor()
  assert.equal((await page.content()).includes('wh-s3cret'), false)
  await the.assertSound(page)
})

test('issue 15.11: the fields of a fault follow its kind', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/faults`)
  const [status, delay] = [page.getByLabel('Status'), page.getByLabel('Delay in milliseconds')]
  assert.deepEqual([await status.isVisible(), await delay.isVisible()], [true, false])
  await page.getByLabel('What goes wrong').selectOption('delay')
  assert.deepEqual([await status.isVisible(), await delay.isVisible()], [false, true])
  await page.getByLabel('What goes wrong').selectOption('refuse')
  assert.deepEqual([await status.isVisible(), await delay.isVisible()], [false, false])
  await page.getByRole('button', { name: 'Add fault' }).click()
  await page.getByText('The fault will happen').waitFor()
  const { faults } = await sandbox.own('GET', 'faults')
  assert.deepEqual([faults[0].kind, faults[0].status, faults[0].delay_ms], ['refuse', null, null])
})

test('issue 15.11: the ledger follows one payment, and draws the balance of an account', async (t) => {
  const sandbox = await the.sandbox(t)
  await sandbox.own('POST', `wallets/${sandbox.user_id}/fund`, { amount: '12345.67' })
  const path = `/api/platform/payment/create-payment-link/${sandbox.user_id}`
  const { payment_id } = await sandbox.call('POST', path, { amount: 150.75 })
  await sandbox.own('POST', `payments/${payment_id}/pay`)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/ledger`)
  const balances = page.locator('#balances')
  await balances.getByText('12,496.42').waitFor()
  assert.equal(await balances.getByText('under way').count(), 0)
  await page.getByRole('link', { name: 'Show 1 settled account' }).click()
  await balances.getByText('under way').waitFor()
  await page.getByRole('link', { name: '1501', exact: true }).first().click()
  await page.getByRole('heading', { name: 'Payment 1501, 150.75 USD, success' }).waitFor()
  assert.equal(await page.locator('#movements tbody tr').count(), 2)
  await page.getByRole('link', { name: 'Wallet of Sandbox User', exact: true }).click()
  await page.getByRole('img', { name: 'The balance over time, now 12,496.42 USD' }).waitFor()
  assert.match(await page.locator('.curve').getAttribute('d'), /^M0 120\.0(H[\d.]+V[\d.]+){2}H640$/)
  await page.getByText('lowest 0.00, highest 12,496.42 USD').waitFor()
  await the.assertAccessible(page)
  // Without the table's head each amount still says what it is.
  await page.setViewportSize(the.PHONE)
  const labels = () =>
    page
      .locator('#movements tbody tr')
      .first()
      .locator('td')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, '::before').content))
  assert.deepEqual(await labels(), ['none', '"from"', '"to"', '"payment"', '"USD"'])
  await the.assertWhole(page)
  await the.assertAccessible(page)
})

test('issue 15.11: objects lead to each other, and are funded, approved, paid, refunded and expired', async (t) => {
  const sandbox = await the.sandbox(t)
  const newLink = async (amount) => {
    const path = `/api/platform/payment/create-payment-link/${sandbox.user_id}`
    return (await sandbox.call('POST', path, { amount })).payment_id
  }
  const [first, second] = [await newLink(150.75), await newLink(9.5)]
  await sandbox.own('POST', `kyc/${sandbox.user_id}`, { status: 'pending' })
  for (const viewport of [the.PHONE, the.DESK]) {
    const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/objects`, { viewport })
    await the.assertSound(page)
    await the.assertAccessible(page)
    await the.assertWhole(page)
  }
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/objects`)
  const done = (text) => page.getByRole('status').filter({ hasText: text }).waitFor()
  const user = page.locator(`#users-${sandbox.user_id}`)
  const [paid, open] = [page.locator(`#payments-${first}`), page.locator(`#payments-${second}`)]

  await user.getByLabel('USD for Sandbox User').fill('-1')
  await user.getByRole('button', { name: 'Fund Sandbox User' }).click()
  await page.getByRole('alert').filter({ hasText: 'amount' }).waitFor()
  await user.getByLabel('USD for Sandbox User').fill('250.10')
  await user.getByRole('button', { name: 'Fund Sandbox User' }).click()
  await done('The money is there.')
  await user.getByRole('link', { name: '250.10' }).waitFor()
  await page.getByRole('button', { name: 'Approve Sandbox User' }).click()
  await done('Approved.')

  await paid.getByRole('button', { name: 'Pay 1501' }).click()
  await done('The payment is made.')
  await paid.getByText('success').waitFor()
  assert.equal(await paid.getByRole('button').count(), 1)
  await paid.getByRole('button', { name: 'Refund 1501' }).click()
  const sure = page.getByRole('dialog', { name: 'Refund 1501?' })
  await sure.getByRole('button', { name: 'Cancel' }).click()
  await paid.getByText('success').waitFor()
  await paid.getByRole('button', { name: 'Refund 1501' }).click()
  await sure.getByRole('button', { name: 'Refund 1501' }).click()
  await done('The money went back.')
  await open.getByRole('button', { name: 'Expire 1502' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Expire 1502' }).click()
  await done('The payment has expired.')
  await open.getByText('expired', { exact: true }).waitFor()

  await paid.getByRole('link', { name: 'Sandbox User' }).click()
  assert.equal(new URL(page.url()).hash, `#users-${sandbox.user_id}`)
  await paid.getByRole('link', { name: '150.75' }).click()
  await page.getByRole('heading', { name: 'Payment 1501, 150.75 USD, refunded' }).waitFor()
})

test('issue 15.11: webhooks are a timeline, which leads to what an event is about', async (t) => {
  const sandbox = await the.sandbox(t)
  await sandbox.own('POST', 'webhooks/endpoints', { url: await the.receiver(t, 500), secret: 's' })
  const path = `/api/platform/payment/create-payment-link/${sandbox.user_id}`
  const { payment_id } = await sandbox.call('POST', path, { amount: 150.75 })
  await sandbox.own('POST', `payments/${payment_id}/pay`)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/webhooks`)
  const event = page.locator('#events > li', { hasText: 'payment.success' })
  await event.locator('summary').click()
  await event.getByText('at once').waitFor()
  await event.locator('.track .bad').first().waitFor()
  await sandbox.own('POST', 'clock/advance', { seconds: 60 })
  await event.locator('.timeline .bad', { hasText: /^after 1 min/ }).waitFor()
  await event.locator('.timeline .wait', { hasText: /^after 6 min/ }).waitFor()
  assert.equal(await event.locator('.track i').count(), 3)
  await the.assertSound(page)
  await the.assertAccessible(page)
  await event.locator('.more').getByRole('link', { name: 'payment 1501' }).click()
  await page.getByRole('heading', { name: 'Objects', level: 1 }).waitFor()
  assert.equal(new URL(page.url()).hash, `#payments-${payment_id}`)
})
