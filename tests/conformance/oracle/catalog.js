'use strict'
// The destinations that Segment publishes: their definitions as plain JSON, and payloads through their actions.
const fs = require('node:fs')
const path = require('node:path')

const core = path.dirname(require.resolve('@segment/actions-core'))
const { removeEmptyValues } = require(path.join(core, 'remove-empty-values.js'))
const { defaultValues, fieldsToJsonSchema, transform, validateSchema } = require('@segment/actions-core')

const folder = path.join(path.dirname(require.resolve('@segment/action-destinations')), 'destinations')

function definitionOf(slug) {
  return require(path.join(folder, slug)).default
}

// As the runtime has it: an action without fields has no schema, and takes every payload.
function schemaOf(fields) {
  return Object.keys(fields ?? {}).length ? fieldsToJsonSchema(fields) : undefined
}

function actionOf({ title, defaultSubscription, fields, performBatch, hooks }) {
  const inputs = Object.entries(hooks ?? {}).map(([name, hook]) => [name, hook.inputFields ?? {}])
  return {
    title,
    defaultSubscription,
    fields,
    schema: schemaOf(fields),
    defaults: defaultValues(fields),
    hasPerformBatch: typeof performBatch === 'function',
    hooks: Object.fromEntries(inputs.map(([name, own]) => [name, { fields: own, schema: fieldsToJsonSchema(own) }]))
  }
}

function payloadOf(fields, mapping, event) {
  const schema = schemaOf(fields)
  const payload = removeEmptyValues(transform(mapping, event), schema, true)
  if (schema) validateSchema(payload, schema, { exempt: ['dynamicAuthSettings'] })
  return payload
}

exports.OPS = {
  'action.payload': ({ fields, mapping, event }) => payloadOf(fields, mapping, event),
  'catalog.slugs': () => {
    const found = fs.readdirSync(folder).filter((slug) => fs.existsSync(path.join(folder, slug, 'index.js')))
    return found.filter((slug) => definitionOf(slug)?.actions)
  },
  'catalog.definition': ({ slug }) => {
    const { name, actions, presets, authentication, audienceFields } = definitionOf(slug)
    return {
      name,
      presets: presets ?? [],
      actions: Object.fromEntries(Object.entries(actions).map(([key, action]) => [key, actionOf(action)])),
      settings: { fields: authentication?.fields ?? {}, schema: schemaOf(authentication?.fields) },
      audience: { fields: audienceFields ?? {}, schema: schemaOf(audienceFields) }
    }
  },
  'catalog.payload': ({ slug, action, mapping, event }) =>
    payloadOf(definitionOf(slug).actions[action].fields, mapping, event)
}
