'use strict'

const { version } = require('../package.json')
const { Page, PagePromise, RawResponse } = require('./client.cjs')
const { sign } = require('./sign.cjs')
const { signedFetch } = require('./signed-fetch.cjs')

module.exports = { Page, PagePromise, RawResponse, sign, signedFetch, version }
