'use strict'

module.exports = {
  ...require('./generated/exports.cjs'),
  ...require('./lib/public.cjs'),
  webhooks: require('./generated/webhooks.cjs'),
}
