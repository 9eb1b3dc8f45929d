// An API with Fastify whose routes give payglot's results.

import Fastify from 'fastify'
import { InvalidRequestError, NotFoundError, PayglotError, redact } from 'payglot'

const newLink = {
  type: 'object',
  required: ['user_id', 'amount'],
  properties: { user_id: { type: 'string', format: 'uuid' }, amount: { type: 'string' } },
}

/** The application over a client, which a test makes of its sandbox. */
export function build(client, options) {
  // What payglot does not want logged is in no line.
  const app = Fastify({ logger: { level: 'warn', serializers: { err: redact } }, ...options })

  app.get('/wallets/:userId', ({ params }) => client.wallets.get(params.userId))

  app.post('/payment-links', { schema: { body: newLink } }, async ({ body }, reply) => {
    const link = await client.payments.createLink(body.user_id, { amount: body.amount })
    return reply.code(201).send(link)
  })

  // Says whether it may have happened all the same: only where it has not, a caller may try again.
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof PayglotError)) return reply.send(error)
    request.log.warn(error)
    const status = error instanceof NotFoundError ? 404 : error instanceof InvalidRequestError ? 422 : 502
    return reply.code(status).send({ error: error.message, may_have_happened: error.mayHaveHappened })
  })

  return app
}
