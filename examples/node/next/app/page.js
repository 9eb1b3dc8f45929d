// A component of the server, so that keys never reach a browser. It is rendered for each request, not by `next build`.

import { client } from '../lib/client.js'

export const dynamic = 'force-dynamic'

export default async function Page() {
  const wallet = await client().wallets.get(process.env.SANDBOX_USER_ID)
  return <p>In the wallet: {wallet.available_balance} USD</p>
}
