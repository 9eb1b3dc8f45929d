// Plays a plan with payglot for Node. Usage: node play.mjs PLAN.JSON; prints how many calls were made and went well.
//
// What comes back is judged on the way; here only errors that are none of payglot's count.

import { readFileSync } from 'node:fs'

import * as payglot from 'payglot'

const camel = (name) => name.replace(/[-_]([a-z])/g, (_, letter) => letter.toUpperCase())
const clients = {}

async function play({ provider, operation, path, params }) {
  clients[provider] ??= new payglot[camel(`-${provider}`)]()
  const [resource, method] = operation.split('.').map(camel)
  const group = clients[provider][resource]
  // Methods without query and body have no object for them.
  const takesParams = group[method].length > path.length + 1
  const response = group[method](...path, ...(takesParams ? [params] : []))
  if (response[Symbol.asyncIterator]) {
    for await (const record of response) {
      void record
    }
  } else {
    await response
  }
}

let calls = 0
let succeeded = 0
for (const call of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  if (call.languages && !call.languages.includes('node')) {
    continue
  }
  calls += 1
  try {
    await play(call)
    succeeded += 1
  } catch (error) {
    if (!(error instanceof payglot.PayglotError)) {
      throw error
    }
    console.error(`${call.name}: ${error.constructor.name}`)
  }
}
console.log(calls, succeeded)
