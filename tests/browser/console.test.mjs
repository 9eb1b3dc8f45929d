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
    { viewport: the.DESK, colorScheme: 'dark', javaScriptEnabled: false },
  ]) {
    for (const view of VIEWS) {
      const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/${view}`, screen)
      for (const more of await page.locator('summary').all()) await more.click()
      await the.assertSound(page)
      await the.assertReadable(page)
    }
  }
})

test('a request appears by itself, is read out, and is opened by the keyboard', async (t) => {
  const sandbox = await the.sandbox(t)
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/`, { viewport: the.PHONE })
  await page.getByText('No request so far').waitFor()
  const announcement = page.getByRole('status')
  await sandbox.call('GET', `/api/platform/card/list/${sandbox.user_id}`, undefined, 'a wrong key')
  await page.getByText('paywint-platform/cards.list').waitFor()
  await announcement.filter({ hasText: '1 new request' }).waitFor()
  assert.equal(await announcement.getAttribute('aria-live'), 'polite')

  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'the skip link')
  await the.tabTo(page, 'summary')
  await page.keyboard.press('Enter')
  await page.getByText('Should be signed').waitFor()

  // An update neither closes what is open nor moves the focus.
  await sandbox.cards()
  await page.locator('#log > li').nth(1).waitFor()
  assert.equal(await page.getByText('Should be signed').isVisible(), true)
  assert.match(await page.evaluate(() => document.activeElement.id), /^request-1-/)
  await the.assertSound(page)
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
  await page.getByText('paywint-platform/cards.list').waitFor()
})

test('a mistake in signing is marked where it is', async (t) => {
  const sandbox = await the.sandbox(t)
  const { createHash, createHmac } = await import('node:crypto')
  const hash = createHash('sha256').update('{}').digest('hex')
  const path = '/api/platform/users/list'
  const signature = createHmac('sha256', sandbox.secret_key).update(`POST${path}${hash}`)
  await sandbox.send('POST', `${path}?page=1`, '{}', signature.digest('hex'))
  const page = await the.open(t, browser, `${sandbox.base_url}/_sandbox/?only=failed`)
  await page.locator('summary').click()
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
  await the.tabTo(page, '#sure')
  await page.keyboard.press('Space')
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
