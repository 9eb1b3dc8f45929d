// Parity: everything that the documents have is there, under its name, in the classes and in the types.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import * as payglot from 'payglot'

const surface = JSON.parse(readFileSync(join(process.env.PAYGLOT_CONTRACT, 'generated_surface.json'), 'utf8'))
const folder = dirname(createRequire(import.meta.url).resolve('payglot/package.json'))
const types = (name) => readFileSync(join(folder, 'generated', `${name}.d.cts`), 'utf8')

/** The text of a declaration, from its name to the brace that ends it. */
function declaration(text, name) {
  const found = new RegExp(`(?:interface|class|type) ${name}\\b[^]*?\\n}`, 'm').exec(text)
  assert.ok(found, `no declaration of ${name}`)
  return found[0]
}

for (const provider of surface.providers) {
  const text = types(provider.name)
  const credentials = Object.fromEntries(provider.credentials.map(({ node }) => [node, 'x']))
  const client = new payglot[provider.class]({ baseUrl: 'http://127.0.0.1:1', ...credentials })

  test(`${provider.name}: operations`, () => {
    for (const view of [client, client.withRawResponse]) {
      for (const { name, node, positional, keywords } of provider.operations) {
        const [resource, method] = node
        const length =
          positional.length + (keywords.length > 0 || view[resource][method].length > positional.length + 1 ? 2 : 1)
        assert.equal(view[resource][method].length, length, name)
      }
    }
    for (const { name, node, keywords } of provider.operations) {
      assert.match(text, new RegExp(`\\b${node[1]}\\(`), name)
      for (const argument of keywords) {
        const mark = argument.required ? '' : '\\?'
        assert.match(text, new RegExp(`\\b${argument.node}${mark}: `), `${name} ${argument.node}`)
      }
    }
  })

  test(`${provider.name}: models and enums`, () => {
    for (const model of provider.models) {
      const body = declaration(text, model.name)
      for (const field of model.fields) {
        const mark = field.certain ? '' : '\\?'
        assert.match(body, new RegExp(`\\b${field.node}${mark}: `), `${model.name}.${field.node}`)
      }
      for (const helper of model.helpers)
        assert.match(body, new RegExp(`\\b${helper.node}\\b`), `${model.name}.${helper.node}`)
    }
    for (const { name, values } of provider.enums) {
      for (const { wire } of values) assert.ok(text.includes(`'${wire}'`), `${name}: ${wire}`)
    }
  })
}

test('errors', () => {
  const text = types('errors')
  for (const { name, parent, fields } of surface.errors) {
    assert.ok(payglot[name].prototype instanceof (parent ? payglot[parent] : Error), name)
    const body = declaration(text, name)
    for (const { node } of fields) assert.match(body, new RegExp(`\\b${node}\\??: `), `${name}.${node}`)
  }
})
