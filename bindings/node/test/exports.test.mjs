import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import * as esm from 'payglot'

const require = createRequire(import.meta.url)
const cjs = require('payglot')

test('ESM and CommonJS give the same names and the same classes', () => {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort())
  for (const name of Object.keys(cjs)) {
    assert.equal(esm[name], cjs[name], name)
  }
})

test('the version is the package’s', () => {
  assert.equal(esm.version, require('payglot/package.json').version)
})

test('errors are real errors with the names of their classes', () => {
  const error = new esm.NotFoundError('gone', { status: 404, body: 'secret' }, { cause: new Error('why') })
  assert.ok(error instanceof esm.APIError && error instanceof esm.PayglotError && error instanceof Error)
  assert.equal(String(error), 'NotFoundError: gone')
  assert.equal(error.status, 404)
  assert.equal(error.code, null)
  assert.deepEqual(error.headers, {})
  assert.equal(error.body, 'secret')
  assert.equal(error.cause.message, 'why')
})

test('the signature of every vector', () => {
  const { cases } = JSON.parse(readFileSync(`${process.env.PAYGLOT_CONTRACT}/signing.json`, 'utf8'))
  assert.ok(cases.length > 100)
  for (const vector of cases) {
    const { method, path, query, empty_body: emptyBody } = vector
    const secret = Buffer.from(vector.key_base64, 'base64')
    const body = Buffer.from(vector.body_base64, 'base64')
    const signature = esm.sign({ secret, method, path, query, body, emptyBody })
    assert.equal(signature, vector.signature, vector.name)
    if (body.equals(Buffer.from(body.toString())) && secret.equals(Buffer.from(secret.toString()))) {
      const texts = { secret: secret.toString(), body: body.toString() }
      assert.equal(esm.sign({ ...texts, method, path, query, emptyBody }), signature, vector.name)
    }
  }
})

test('signing refuses what is no text', () => {
  const input = { secret: 'key', method: 'GET', path: '/' }
  for (const wrong of [{ secret: undefined }, { method: 1 }, { path: null }, { body: {} }, { emptyBody: 'no' }]) {
    assert.throws(() => esm.sign({ ...input, ...wrong }), esm.InvalidRequestError, JSON.stringify(wrong))
  }
})
