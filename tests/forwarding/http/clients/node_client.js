// Sends one event of each kind with Segment's client for Node: node node_client.js KEY HOST
const { Analytics } = require('@segment/analytics-node')

const [writeKey, host] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host, flushInterval: 100 })
analytics.on('error', (error) => { console.error(error); process.exitCode = 1 })
const userId = 'user-1', integrations = { All: true, Other: false }

analytics.identify({ userId, traits: { email: 'ann@example.com' } })
analytics.track({ userId, event: 'Order Completed', properties: { revenue: 19.99, title: 'Größe 🎉' }, integrations })
analytics.page({ userId, category: 'Docs', name: 'Start', properties: { url: 'https://example.com/' } })
analytics.screen({ userId, name: 'Home', properties: { tab: 1 } })
analytics.group({ userId, groupId: 'group-1', traits: { plan: 'pro' } })
analytics.alias({ userId, previousId: 'user-0' })
analytics.closeAndFlush({ timeout: 60000 })
