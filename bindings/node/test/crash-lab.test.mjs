// Issue 13: the crash lab from a test.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { SandboxError, crashLab } from 'payglot/testing'

const PAYGLOT = pathToFileURL(createRequire(import.meta.url).resolve('payglot'))
const PAY = `
import payglot from '${PAYGLOT}'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
const { CRASH_LAB_DIR: here, SANDBOX_USER_ID: user } = process.env
const client = new payglot.PaywintPlatform()
const there = (name) => existsSync(here + '/' + name)
const write = (name, text = '') => writeFileSync(here + '/' + name, text)
async function payee() {
  if (!there('payee')) {
    const { payee_id } = await client.payees.create(user, { name: 'Ann', email: 'ann@example.com' })
    write('payee', payee_id)
  }
  return readFileSync(here + '/payee', 'utf8')
}
async function pay() {
  await client.payments.create({
    user_id: user, payee_id: await payee(), amount: '10.00', invoice_no: 'INV-1',
    payment_method: 'WALLET', receiving_method: 'WALLET',
  })
}
`

function program(text) {
  const path = join(mkdtempSync(join(tmpdir(), 'payglot-')), 'program.mjs')
  writeFileSync(path, PAY + text)
  return [process.execPath, path]
}

test('a payment that is made anew', async () => {
  const report = await crashLab(program('await pay()'))
  assert.deepEqual(report.usual, { 'paywint-platform/payees.create': 1, 'paywint-platform/payments.create': 1 })
  assert.equal(report.runs.length, 6)
  assert.ok(report.wrong.some(({ name }) => name === 'paywint-platform/payments.create #1, committed'))
  assert.equal(report.shortestWrong, 'paywint-platform/payees.create #1, committed')
})

test('a program that says what is open', async () => {
  const text = `
    for (const [name, act] of Object.entries({ first: payee, second: pay })) {
      if (there(name + '.done')) continue
      if (there(name + '.begun')) throw new Error(name + ' is open')
      write(name + '.begun')
      await act()
      write(name + '.done')
    }`
  const report = await crashLab(program(text), { workers: 1, random: 2, timeout: 20_000 })
  assert.deepEqual(report.wrong, [])
  assert.equal(report.shortestWrong, null)
  assert.equal(report.runs.length, 8)
})

test('what cannot be learned from', async () => {
  await assert.rejects(crashLab([process.execPath, '-e', '']), (error) => {
    assert.ok(error instanceof SandboxError)
    return /never calls the sandbox/.test(error.message)
  })
  await assert.rejects(crashLab(['true'], { worker: 2 }), TypeError)
})
