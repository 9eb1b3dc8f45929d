import { client, route } from '../../../lib/client.js'

export const POST = route(async (request) => {
  const { user_id: userId, amount } = await request.json()
  return Response.json(await client().payments.createLink(userId, { amount }), { status: 201 })
})
