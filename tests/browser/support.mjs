// A sandbox, a signed client for it, and a real browser.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const tools = createRequire(`${process.env.PAYGLOT_BROWSER_TOOLS}/package.json`)
const { chromium } = tools('playwright-core')
const AXE = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8')

/** Sizes of a phone and of a desk. */
export const PHONE = { width: 390, height: 740 }
export const DESK = { width: 1280, height: 900 }

/** Starts the browser that is installed here; nothing of it talks to anybody but the sandbox. */
export function browser(more = []) {
  return chromium.launch({
    executablePath: process.env.PAYGLOT_CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

/** Starts a sandbox of its own for a test, which stops with the test. */
export async function sandbox(test, ...flags) {
  const command = ['sandbox', '--listen', '127.0.0.1:0', '--json', '--exit-with-stdin', ...flags]
  const child = spawn(process.env.PAYGLOT_BIN, command, { stdio: ['pipe', 'pipe', 'inherit'] })
  test.after(() => child.stdin.end())
  const lines = createInterface({ input: child.stdout })
  const [text] = await new Promise((resolve) => lines.once('line', (text) => resolve([text])))
  return new Sandbox(JSON.parse(text))
}

class Sandbox {
  constructor(printed) {
    Object.assign(this, printed)
  }

  /** Calls an operation of the Platform API and gives its data; `key` may be a wrong one. */
  async call(method, path, body, key = this.secret_key) {
    const text = body === undefined ? '' : JSON.stringify(body)
    const hash = createHash('sha256').update(text).digest('hex')
    const signature = createHmac('sha256', key).update(`${method}${path}${hash}`).digest('hex')
    return this.send(method, path, text, signature)
  }

  async send(method, path, text, signature) {
    const response = await fetch(this.base_url + path, {
      method,
      headers: {
        'X-Platform-ID': this.platform_id,
        'X-Signature': signature,
        ...(this.agent && { 'User-Agent': this.agent }),
        ...(text && { 'Content-Type': 'application/json' }),
      },
      body: text || undefined,
    })
    const json = await response.json()
    return json.data ?? json.records ?? json
  }

  /** Calls the sandbox's own interface. */
  async own(method, path, body) {
    const response = await fetch(`${this.base_url}/_sandbox/api/${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body && { 'Content-Type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
    assert.equal(response.status, 200, `${method} ${path}`)
    return response.json()
  }

  async addLink() {
    const path = `/api/platform/card/add/secure-link/${this.user_id}`
    return (await this.call('POST', path, { card_purpose: 'PAYMENT' })).secure_link
  }

  cards() {
    return this.call('GET', `/api/platform/card/list/${this.user_id}`)
  }
}

/** Opens a page whose errors fail the test, with this colour scheme and screen. */
export async function open(test, browser, address, { viewport = DESK, ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options })
  test.after(() => context.close())
  const page = await context.newPage()
  page.complaints = []
  page.on('console', (message) => {
    const fine = message.text().startsWith('Failed to load resource: the server responded')
    if (message.type() === 'error' && !fine) page.complaints.push(message.text())
  })
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    const own = host === new URL(address).host || protocol === 'data:'
    if (!own) page.complaints.push(`asked for ${request.url()}`)
  })
  await page.goto(address)
  return page
}

/** What every page must be: no complaints, no sideways scrolling, a language, one heading, labelled fields. */
export async function assertSound(page) {
  assert.deepEqual(page.complaints, [])
  const found = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    language: document.documentElement.lang,
    headings: document.querySelectorAll('h1').length,
    main: document.querySelectorAll('main').length,
    unnamed: [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
      .filter((field) => field.labels.length === 0)
      .map((field) => field.outerHTML),
    silent: [...document.querySelectorAll('button, a')]
      .filter((element) => !element.textContent.trim())
      .map((element) => element.outerHTML),
    twice: [...document.querySelectorAll('[id]')]
      .map((element) => element.id)
      .filter((id, index, all) => all.indexOf(id) !== index),
  }))
  assert.deepEqual(found, {
    overflow: 0,
    language: 'en',
    headings: 1,
    main: 1,
    unnamed: [],
    silent: [],
    twice: [],
  })
}

/** Every text of the page stands out from what is behind it: 4.5 to 1, or 3 to 1 where it is large. */
export async function assertReadable(page) {
  const poor = await page.evaluate(() => {
    const numbers = (color) => color.match(/[\d.]+/g).map(Number)
    const light = (color) => {
      const [r, g, b] = numbers(color)
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor
        if (numbers(color)[3] !== 0) return color
      }
      return 'rgb(255, 255, 255)'
    }
    const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    return [...document.body.querySelectorAll('*')]
      .filter((element) => own(element) && element.checkVisibility())
      .map((element) => {
        const style = getComputedStyle(element)
        const pair = [light(style.color), light(behind(element))].sort((a, b) => b - a)
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05)
        return { text: element.textContent.trim().slice(0, 40), ratio, size: parseFloat(style.fontSize) }
      })
      .filter(({ ratio, size }) => ratio < (size >= 24 ? 3 : 4.5))
  })
  assert.deepEqual(poor, [])
}

/** axe-core finds nothing against WCAG 2.2 A and AA, contrast among it. It is put into the page past its policy. */
export async function assertAccessible(page) {
  const session = await page.context().newCDPSession(page)
  const run = async (expression) => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    assert.equal(exceptionDetails, undefined)
    return result.value
  }
  await run(AXE)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const options = JSON.stringify({ runOnly: { type: 'tag', values: tags } })
  const found = await run(`axe.run(document, ${options}).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => [target.join(' '), failureSummary])]))`)
  assert.deepEqual(found, [], page.url())
}

/** Nothing is cut off: no element is wider than the screen, and none hides a part of its text without saying so. */
export async function assertWhole(page) {
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('main *, header *, footer *')]
      .filter((element) => element.checkVisibility() && !element.closest('.hidden, svg'))
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        const hides = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
        const clips = getComputedStyle(element).overflowX !== 'visible' && element.matches(':not(input)')
        return left < -1 || right > innerWidth + 1 || (hides && clips)
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  )
  assert.deepEqual(cut, [], page.url())
}

/** Whether what has the focus shows it. */
export function focusIsVisible(page) {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  })
}

/** Walks by the Tab key to the first element that fits, which must show its focus. */
export async function tabTo(page, selector, most = 60) {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((expected) => document.activeElement.matches(expected), selector)) {
      assert.ok(await focusIsVisible(page), `${selector} does not show its focus`)
      return
    }
  }
  assert.fail(`the Tab key never reaches ${selector}`)
}

/** A receiver of webhooks that responds with this status. */
export async function receiver(test, status) {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(status).end())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}/hook`
}
