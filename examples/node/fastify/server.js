// Serves the application. Needs PORT, and `payglot sandbox`: it prints the other environment variables that this reads.

import { PaywintPlatform } from 'payglot'

import { build } from './app.js'

const app = build(new PaywintPlatform())
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' }).catch((error) => {
  app.log.error(error)
  process.exitCode = 1
})
