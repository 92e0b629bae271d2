'use strict'
// What a destination is asked beside events, and what performs see; the twin of each op stands in ../app_calls.py.
const path = require('node:path')

const core = path.dirname(require.resolve('@segment/actions-core'))
const fetchModule = require(path.join(core, 'fetch.js'))
const { resolveAudienceMembership } = require(path.join(core, 'audience-membership.js'))
const { Destination, IntegrationError, InvalidAuthenticationError } = require('@segment/actions-core')

let number = 0
// A name of its own for each: the runtime keeps the schemas of settings by name.
const destination = (parts) => new Destination({ name: `app calls ${number++}`, mode: 'cloud', actions: {}, ...parts })

// Every `true` of a specification as a function that says which it is, and what it was told of the place.
function handlers(specification, at = []) {
  if (specification === true) return (_request, data) => ({ handler: at, context: data.dynamicFieldContext ?? null })
  const named = Object.entries(specification).map(([key, value]) => [key, handlers(value, [...at, key])])
  return Object.fromEntries(named)
}

const echo = (_request, data) => ({ inputs: data.hookInputs ?? null })

function hooksOf(given) {
  const named = Object.entries(given).map(([name, { inputFields, performs }]) => {
    return [name, { label: name, description: '', inputFields, ...(performs ? { performHook: echo } : {}) }]
  })
  return Object.fromEntries(named)
}

const SYNC_MODE = { default: 'add', label: 'Sync', description: '', choices: [] }

// Answers requests with the statuses in their order, then with 200; a refresh gets tokens by number.
async function withPartner(statuses, work) {
  const before = fetchModule.default
  const sent = []
  let turn = 0
  fetchModule.default = async (request) => {
    sent.push([request.url, request.headers.get('authorization')])
    const status = statuses[turn++] ?? 200
    return new fetchModule.Response('{}', { status, headers: { 'content-type': 'application/json' } })
  }
  try {
    return { ...(await work()), sent }
  } finally {
    fetchModule.default = before
  }
}

async function refresh({ scheme, statuses, refreshes, oauth, raises }) {
  const told = []
  let turn = 0
  const demo = destination({
    authentication: {
      scheme,
      fields: {},
      refreshAccessToken:
        refreshes &&
        ((_request, data) => {
          told.push(data.auth)
          return refreshes[turn++]
        })
    },
    extendRequest: ({ auth }) => ({ headers: { authorization: String(auth?.accessToken ?? null) } }),
    actions: {
      send: {
        title: 'Send',
        description: '',
        fields: {},
        perform: async (request, data) => {
          if (raises) await request('https://h.test/first').catch((error) => fail(raises, error))
          return request('https://h.test/send', { method: 'get', headers: { x: String(data.auth?.refreshToken ?? null) } })
        }
      }
    }
  })
  const subscriptions = [{ subscribe: 'type = "track"', partnerAction: 'send', mapping: {} }]
  const options = { onTokenRefresh: async (tokens) => void told.push(tokens) }
  return withPartner(statuses, async () => {
    try {
      const settings = JSON.parse(JSON.stringify({ oauth, subscriptions }))
      return { results: await demo.onEvent({ type: 'track' }, settings, options), told }
    } catch (error) {
      return { failed: error.message, status: error.status ?? error.response?.status ?? null, code: error.code ?? null, told }
    }
  })
}

function fail(raises, error) {
  if (raises === 'authentication') throw new InvalidAuthenticationError('expired')
  if (raises === 'integration') throw new IntegrationError('expired', 'EXPIRED', 401)
  throw error
}

const OPS = {
  'audience.membership': ({ event, syncMode }) => resolveAudienceMembership(event, syncMode),
  'settings.validate': ({ fields, settings }) => {
    const demo = destination({ authentication: { scheme: 'custom', fields } })
    const own = demo.getDestinationSettings(settings)
    demo.validateSettings(own)
    return own
  },
  'dynamic_field.resolve': async ({ handlers: given, paths }) => {
    const action = { title: 'A', description: '', fields: {}, perform: () => null, dynamicFields: handlers(given) }
    const demo = destination({ actions: { a: action } })
    const found = []
    for (const one of paths) found.push(await demo.executeDynamicField('a', one, {}))
    return found
  },
  'hook.execute': ({ hooks, hook, data }) => {
    const action = { title: 'A', description: '', fields: {}, perform: () => null }
    if (hooks) action.hooks = hooksOf(hooks)
    return destination({ actions: { a: action } }).actions.a.executeHook(hook, data)
  },
  'perform.input': async ({ mapping, event, syncModes, hooks, ids }) => {
    let seen = null
    const action = {
      title: 'A',
      description: '',
      fields: {},
      perform: (_request, data) => {
        const { syncMode, matchingKey, hookOutputs, audienceMembership, personasContext, subscriptionMetadata } = data
        const audienceSettings = data.audienceSettings ?? {}
        seen = { syncMode, matchingKey, hookOutputs, audienceMembership, personasContext, subscriptionMetadata, audienceSettings }
        return null
      }
    }
    if (syncModes) action.syncMode = SYNC_MODE
    if (hooks) action.hooks = hooksOf(Object.fromEntries(hooks.map((name) => [name, {}])))
    const subscriptions = [{ subscribe: 'type != "never"', partnerAction: 'a', mapping, ...ids }]
    await destination({ actions: { a: action } }).onEvent(event, { subscriptions })
    const plain = Object.entries(seen).map(([key, value]) => [key, value ?? null])
    return Object.fromEntries(plain)
  },
  'oauth.refresh': refresh
}

module.exports = { OPS }
