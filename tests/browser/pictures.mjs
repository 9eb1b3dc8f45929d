// Takes the pictures of README and the docs: views of the sandbox's page, and the table of the command line, of a sandbox
// whose ids are the same each time. `node pictures.mjs FOLDER`, or `--check FOLDER` to say whether they are current.
//
// A picture is drawn from one text: the page with its style and script, in which times, durations and the port are always the
// same. `pictures.json` has the digest of that text, and of the picture that was drawn from it. Both are compared, and not
// what would be drawn now: other Chromiums and other fonts draw it otherwise. So the check needs no browser.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

import * as the from './support.mjs'

const LARGEST = 150_000
/** The part of a page that its picture shows, where it is not the whole screen. */
const PARTS = { 'objects.png': '#payments', 'table.png': 'pre' }
const HOST = '127.0.0.1:8787'
const LATEST = Date.UTC(2026, 10, 27, 9, 30)

const [, , ...words] = process.argv
const isCheck = words[0] === '--check'
const folder = words.at(-1)
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** A text as it is at any time, on any port. What happened stands in it newest first, `seconds` apart. */
function always(text, sandbox, seconds) {
  let [times, clocks] = [0, 0]
  const time = (count) => new Date(LATEST - count * seconds * 1000).toISOString().replace('T', ' ').slice(0, 19)
  return text
    .replaceAll(new URL(sandbox.base_url).host, HOST)
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, () => time(times++))
    .replace(/(?<=>)\d\d:\d\d:\d\d(?=<)/g, () => time(clocks++).slice(11))
    .replace(/\b\d+(\.\d)? ms\b/g, '1.2 ms')
}

/** A view of the sandbox's page, with the details of this id opened. */
async function view(sandbox, path, { seconds = 0, open } = {}) {
  const response = await fetch(`${sandbox.base_url}/_sandbox/${path}`)
  const html = always(await response.text(), sandbox, seconds)
  if (!open) return html
  const closed = `<details id="${open}">`
  assert.ok(html.includes(closed), `${path} has no ${open}`)
  return html.replace(closed, `<details id="${open}" open>`)
}

/** What a command shows, as a terminal has it. */
function terminal(sandbox, words) {
  const env = { ...process.env, ...sandbox.environment, NO_COLOR: '1' }
  const shown = execFileSync(process.env.PAYGLOT_BIN, words, { encoding: 'utf8', env })
  const text = always(`$ payglot ${words.join(' ')}\n${shown}`, sandbox, 0)
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>payglot</title><style>
body { margin: 0; background: #14181f; }
pre { display: inline-block; margin: 0; padding: 1.25rem 1.5rem; color: #e6e9ef; font: 15px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
</style><pre>${escaped}</pre></html>`
}

/** Everything that the pictures show. */
async function town(scope) {
  process.env.PAYGLOT_SANDBOX_TOKEN = 'the-token-of-pictures'
  const sandbox = await the.sandbox(scope, '--seed', '7')
  sandbox.agent = 'payglot-python/0.1.0'
  const user = sandbox.user_id
  await sandbox.own('POST', `wallets/${user}/fund`, { amount: '12500' })
  for (const [name, phone] of [
    ['Ada Lindqvist', '5551230001'],
    ['Bela Novak', '5551230002'],
  ]) {
    const email = `${name.split(' ')[0].toLowerCase()}@example.com`
    await sandbox.call('POST', '/api/platform/users/create', { name, email, phone, phone_country_code: '+1' })
  }
  const payees = []
  for (const name of ['Jordan Rivera', 'Sam Okafor']) {
    const email = `${name.split(' ')[0].toLowerCase()}@example.com`
    payees.push(await sandbox.call('POST', `/api/platform/payee/create/${user}`, { name, email }))
  }
  const pay = (payee, amount, invoice_no) => {
    const way = { payment_method: 'WALLET', receiving_method: 'WALLET' }
    const body = { user_id: user, payee_id: payees[payee].payee_id, amount, invoice_no, ...way }
    return sandbox.call('POST', '/api/platform/payment/create-payment', body)
  }
  await pay(0, 1250.5, 'INV-1041')
  await pay(1, 99999, 'INV-1042')
  sandbox.agent = 'payglot-node/0.1.0'
  const link = `/api/platform/payment/create-payment-link/${user}`
  const { payment_id } = await sandbox.call('POST', link, { amount: 150.75, description: 'June invoice' })
  await sandbox.own('POST', `payments/${payment_id}/pay`, { payer_name: 'Pat' })
  await sandbox.call('POST', link, { amount: -1 })
  await sandbox.call('POST', link, { amount: 48.2, description: 'July invoice' })
  await sandbox.call('POST', `/api/platform/payment/list-received-payment/${user}`, { page_no: 1, rows_per_page: 10 })
  sandbox.agent = 'curl/8.5.0'
  // Signed without its query.
  const path = '/api/platform/users/list'
  const signed = createHmac('sha256', sandbox.secret_key).update(`POST${path}${digest('{}')}`)
  await sandbox.send('POST', `${path}?page=1`, '{}', signed.digest('hex'))
  return sandbox
}

/** The text that each picture is drawn from. */
async function texts() {
  const ends = []
  const sandbox = await town({ after: (end) => ends.push(end) })
  try {
    const { requests } = await sandbox.own('GET', 'requests')
    return {
      'requests.png': await view(sandbox, '', { seconds: 4, open: `request-${requests.length}-more` }),
      'objects.png': await view(sandbox, 'objects'),
      'table.png': terminal(sandbox, ['call', 'paywint-platform', 'users.list', '--output', 'table']),
    }
  } finally {
    for (const end of ends) end()
  }
}

/** Draws them, and gives the digests. */
async function take(texts) {
  const browser = await the.browser()
  const taken = {}
  for (const [name, text] of Object.entries(texts)) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 760 }, colorScheme: 'light' })
    // At its address, so that the page finds itself there when it looks for what is new.
    await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body: text }))
    await page.goto(`http://${HOST}/`)
    const drawn = PARTS[name] ? page.locator(PARTS[name]) : page
    const picture = await drawn.screenshot({ path: `${folder}/${name}`, animations: 'disabled' })
    if (picture.length > LARGEST) throw new Error(`${name} has ${picture.length} bytes`)
    taken[name] = { text: digest(text), picture: digest(picture) }
    await page.close()
  }
  await browser.close()
  return taken
}

/** What is not current. */
function outdated(texts) {
  const record = JSON.parse(readFileSync(`${folder}/pictures.json`, 'utf8'))
  const isCurrent = (name) =>
    record[name]?.text === digest(texts[name]) && record[name].picture === digest(readFileSync(`${folder}/${name}`))
  return Object.keys(texts).filter((name) => !isCurrent(name))
}

const now = await texts()
if (isCheck) {
  const names = outdated(now)
  if (names.length > 0) {
    console.error(`not current: ${names.join(', ')}; take them again with \`cargo xtask pictures\``)
    process.exitCode = 1
  }
} else {
  const taken = await take(now)
  writeFileSync(`${folder}/pictures.json`, `${JSON.stringify(taken, null, 2)}\n`)
}
