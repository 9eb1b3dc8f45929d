// Issue 12.28: pages of other sites in a real browser can neither read the sandbox nor change it.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import * as the from './support.mjs'

let browser
before(async () => {
  browser = await the.browser()
})
after(() => browser.close())

/** A page of another site, by the name `localhost` where the sandbox is 127.0.0.1, with a link and a form. */
async function elsewhere(test, link, action) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>Shop</title><a href="${link}">Pay</a>
      <form method="post" action="${action}"><input name="sure" value="yes"><button>Win a prize</button></form>
      <iframe src="${link}"></iframe>`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => server.close())
  return `http://localhost:${server.address().port}/`
}

test('issue 12.28: a page elsewhere links to hosted pages, and does nothing else', async (t) => {
  const sandbox = await the.sandbox(t)
  const link = await sandbox.addLink()
  const fault = { operation: 'linora/*', kind: 'refuse' }
  await sandbox.own('POST', 'faults', fault)
  const shop = await elsewhere(t, link, `${sandbox.base_url}/_sandbox/actions/reset`)
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(shop)
  assert.equal(await page.frameLocator('iframe').getByLabel('Card number').count(), 0)

  const read = (url, options) =>
    page.evaluate(([url, options]) => fetch(url, options).then((response) => response.type, String), [url, options])
  const snapshot = `${sandbox.base_url}/_sandbox/api/snapshot`
  assert.match(await read(snapshot, {}), /Failed to fetch/)
  assert.equal(await read(`${sandbox.base_url}/_sandbox/api/reset`, { method: 'POST', mode: 'no-cors' }), 'opaque')
  const reset = page.waitForResponse(`${sandbox.base_url}/_sandbox/actions/reset`)
  await page.getByRole('button', { name: 'Win a prize' }).click()
  assert.equal((await reset).status(), 403)
  assert.equal((await sandbox.own('GET', 'faults')).faults.length, 1)

  await page.goto(shop)
  await page.getByRole('link', { name: 'Pay' }).click()
  assert.equal(await page.getByLabel('Card number').count(), 1)
})

test('issue 12.28: a name that somebody makes lead here is not served', async (t) => {
  const sandbox = await the.sandbox(t)
  const { port } = new URL(sandbox.base_url)
  const rebound = await the.browser([`--host-resolver-rules=MAP evil.example 127.0.0.1`])
  t.after(() => rebound.close())
  const page = await rebound.newPage()
  const response = await page.goto(`http://evil.example:${port}/_sandbox/api/snapshot`)
  assert.equal(response.status(), 403)
  assert.match(await response.text(), /--allow-host/)
})
