'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { test } = require('node:test')

const payglot = require('payglot')

test('CommonJS code constructs clients and meets the same errors as ESM code', async () => {
  const esm = await import('payglot')
  const client = new payglot.Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1' })
  assert.ok(client instanceof esm.Linora)
  await assert.rejects(client.exchange.estimate({}), esm.InvalidRequestError)
})

test('issue 15.7: an older Node is told in one sentence', () => {
  const code = "Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); require('payglot')"
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /Error: payglot needs Node 20 or later; this is Node 18\.20\.0\n/)
})
