'use strict'

const { version } = require('../package.json')
const { Event, EventStream, Page, PagePromise, RawResponse } = require('./client.cjs')
const { Intent, Journal } = require('./journal.cjs')
const { sign } = require('./sign.cjs')
const { signedFetch } = require('./signed-fetch.cjs')

module.exports = { Event, EventStream, Intent, Journal, Page, PagePromise, RawResponse, sign, signedFetch, version }
