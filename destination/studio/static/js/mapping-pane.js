import {showBusy} from './busy.js';
import {errorLine, h, icon, plural} from './dom.js';
import {valuesOf} from './event-values.js';
import {createFieldsForm} from './fields-form.js';
import {drawFinding, sortFindings} from './findings.js';
import {createJsonEditor} from './json-editor.js';
import {editedParts} from './mapping-edits.js';
import {redraw} from './redraw.js';
import {createActions} from './subscription-commands.js';
import {createTabs} from './subscription-tabs.js';
import {createTriggerSection} from './trigger-section.js';

/**
 * Mounts the middle pane: the subscriptions, and the selected one as a form or as JSON.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const state = store.state;
  const values = memo(() => state.explained?.event?.value, valuesOf);
  const actions = createActions(store, services);
  let form = 'form';
  let renaming = false;

  const tabs = createTabs({store, panel: 'subscription', add: (button) => services.menu(button, actions.addItems())});
  const problem = h('div');
  const head = h('div', {class: 'sh'});
  const others = h('div', {class: 'other-finds'});
  const trigger = createTriggerSection({store, services, actions, values, applyFix});
  const fieldsHead = h('div', {class: 'sect fields-head'});
  const fields = createFieldsForm({store, services, values, applyFix});
  const json = createJsonEditor({store, services, applyFix, changed: draw});
  const formBody = h('div', {class: 'scroll grow', dataset: {scroll: 'mapping'}, tabIndex: -1}, trigger.element, h('section', {'aria-label': 'Fields'}, fieldsHead, fields.element));
  const panel = h('div', {class: 'sub-panel', role: 'tabpanel', id: 'subscription'}, head, others, formBody, json.element);
  const empty = h('div', {class: 'none'});
  element.replaceChildren(tabs.element, problem, panel, empty);
  showBusy(element, store, 'explainPending');

  store.on('draft selected explained session errors openMapping eventText event', draw);
  let drawnEvent = null;
  registerCommands();
  draw();

  function draw() {
    const subscription = store.selectedSubscription();
    const explained = state.explained;
    tabs.update(explained);
    json.prune();
    redraw(problem, state.errors.mapping, () => errorLine(state.errors.mapping ?? null, services.runs.explain));
    panel.hidden = !subscription;
    empty.hidden = Boolean(subscription);
    if (!subscription) {
      drawEmpty();
      return;
    }
    panel.setAttribute('aria-labelledby', `tab-${subscription.key}`);
    const known = resultsOf(subscription, explained);
    const findings = sortFindings(known.findings);
    drawHead(subscription);
    redraw(others, [form, findings.other], () => form === 'form' && findings.other.map((finding) => drawFinding(finding, applyFix)));
    formBody.hidden = form !== 'form';
    json.element.hidden = form !== 'json';
    trigger.update({trigger: known.trigger, isNewest: known.isNewest, findings: findings.trigger, eventName: eventName()});
    const action = state.session.actions[subscription.partnerAction];
    drawFieldsHead(subscription, action, known, findings);
    fields.update({fields: action?.fields ?? [], saved: store.savedOf(subscription.key)?.mapping, entries: known.fields, findings: findings.fields});
    if (form === 'json') json.update(known.findings);
    if (drawnEvent !== explained?.event?.value) {
      drawnEvent = explained?.event?.value;
      fields.refresh();
    }
  }

  /** Applies a fix. Its button goes with the finding: the focus stays beside where it was. */
  function applyFix(finding) {
    const row = document.activeElement?.closest('.fld');
    const before = row?.previousElementSibling?.dataset.key;
    actions.applyFix(finding);
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      if (form === 'json') json.focus();
      else if (row) fields.focus(row.isConnected ? row.dataset.key : before);
      else trigger.focus();
    }, 100);
  }

  /** Says what is known of the selected subscription: nothing that is another's, and whether it is of the newest edit. */
  function resultsOf(subscription, explained) {
    const nothing = {trigger: null, fields: null, findings: [], hypothetical: false, isNewest: false};
    if (!explained) return nothing;
    if (explained.of?.selected === subscription.key && explained.selected) {
      const asked = explained.of.draft.find((one) => one.key === subscription.key);
      const {trigger: found, fields: entries, findings, hypothetical} = explained.selected;
      const readable = Boolean(explained.event?.value);
      return {trigger: found, fields: readable ? entries : null, findings: findings ?? [], hypothetical, isNewest: asked?.subscribe === subscription.subscribe};
    }
    // Until its own answer is there: what the answer for the other one says in short.
    const brief = explained.subscriptions?.find((one) => one.key === subscription.key);
    return brief?.trigger ? {...nothing, trigger: {...brief.trigger, error: null}, fields: brief.fields?.length ? brief.fields : null} : nothing;
  }

  function eventName() {
    if (state.eventInfo?.line) return `event ${state.eventInfo.line}`;
    return state.event && 'index' in state.event ? `event ${state.event.index + 1}` : 'the event';
  }

  function drawHead(subscription) {
    const saved = store.savedOf(subscription.key);
    const parts = saved ? editedParts(subscription, saved) : [];
    const what = saved ? (parts.length ? `${parts.join(', ')} edited` : '') : 'new';
    const action = state.session.actions[subscription.partnerAction];
    const enabled = subscription.enabled !== false;
    const invalid = json.errorOf(subscription.key);
    redraw(head, [subscription.key, subscription.name, subscription.partnerAction, what, enabled, Boolean(invalid), form, renaming], () => [
      renaming ? nameInput(subscription) : h('h2', {title: subscription.name, onDblclick: rename}, subscription.name || 'no name'),
      h('span', {class: action ? 'tag' : 'tag bad-tag', title: action ? action.title : 'The destination has no such action.'}, subscription.partnerAction || 'no action', !action && h('span', {class: 'vh'}, ', unknown action')),
      h('span', {class: 'mut cut t12 grow', title: what}, what),
      invalid && form === 'form' && h('button', {class: 'btn sm bad-btn', dataset: {focus: 'to-json'}, title: 'The form shows the last valid version.', onClick: () => show('json')}, icon('x', 'bad'), 'JSON is not valid'),
      h(
        'button',
        {class: enabled ? 'sw' : 'sw off', role: 'switch', 'aria-checked': String(enabled), 'aria-label': 'Enabled', title: enabled ? 'Enabled' : 'Disabled: it takes no event', dataset: {focus: 'enabled'}, onClick: actions.toggle},
        h('i'),
        !enabled && h('span', {'aria-hidden': 'true'}, 'off'),
      ),
      h(
        'span',
        {class: 'seg sm', role: 'group', 'aria-label': 'Show as'},
        ['form', 'json'].map((name) => h('button', {'aria-pressed': String(form === name), dataset: {focus: `show-${name}`}, onClick: () => show(name)}, name === 'form' ? 'Form' : 'JSON')),
      ),
      h('button', {class: 'btn sm bare', 'aria-label': `More for ${subscription.name}`, 'aria-haspopup': 'menu', 'aria-expanded': 'false', dataset: {focus: 'subscription-more'}, onClick: (event) => services.menu(event.currentTarget, actions.menuItems(rename))}, icon('dots')),
    ]);
  }

  function nameInput(subscription) {
    const input = h('input', {class: 'in name', type: 'text', 'aria-label': 'Name of the subscription', value: subscription.name ?? '', dataset: {focus: 'name'}, onKeydown, onBlur: () => finish(true)});
    return input;

    function onKeydown(event) {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      finish(event.key === 'Enter');
      head.querySelector('[data-focus=subscription-more]')?.focus();
    }

    function finish(take) {
      if (!renaming) return;
      renaming = false;
      if (take && input.value.trim() !== subscription.name) actions.rename(input.value);
      draw();
    }
  }

  function rename() {
    renaming = true;
    draw();
    // After a double click the head is drawn once the pointer is up.
    setTimeout(() => {
      const input = head.querySelector('input');
      input?.focus();
      input?.select();
    });
  }

  function drawFieldsHead(subscription, action, known, findings) {
    const count = action?.fields?.length ?? 0;
    const inFields = findings.mapping.length + [...findings.fields.values()].reduce((sum, list) => sum + list.length, 0);
    const words = known.hypothetical && known.fields ? `what they would be, if the trigger let ${eventName()} in` : `${count}, in Segment’s order · * required`;
    redraw(fieldsHead, [Boolean(action), words, inFields, findings.mapping], () => [
      h('h3', null, 'Fields'),
      h('span', {class: 'mut cut', title: words}, action ? words : 'The destination has no action of this name.'),
      h('span', {class: 'grow'}),
      inFields > 0 && h('span', {class: 'vd w'}, icon('warn'), plural(inFields, 'finding')),
      findings.mapping.length > 0 && h('div', {class: 'full'}, findings.mapping.map((finding) => drawFinding(finding, applyFix))),
    ]);
  }

  function drawEmpty() {
    redraw(empty, Object.keys(state.session.actions), () => [
      h('h2', null, 'No subscription'),
      h('p', {class: 'sec'}, 'A subscription says which events an action takes, and what it makes of them.'),
      actions.addItems().map((item) => h('button', {class: 'btn', onClick: item.run}, icon('plus'), item.label)),
    ]);
  }

  function show(name) {
    const inside = panel.contains(document.activeElement) && !head.contains(document.activeElement);
    form = name;
    draw();
    // What had the focus is hidden now. The editor does not get it, so that V goes back.
    if (inside) head.querySelector(`[data-focus=show-${name}]`)?.focus();
  }

  function registerCommands() {
    const editing = () => state.mode === 'edit' && Boolean(store.selectedSubscription());
    const go = (name, focus) => () => {
      services.showPane('mapping');
      if (form !== name) show(name);
      focus();
    };
    services.commands.register(
      {id: 'trigger.focus', group: 'Mapping', title: 'Go to the trigger', keys: 't', enabled: editing, run: go('form', trigger.focus)},
      {id: 'field.first', group: 'Mapping', title: 'Go to the first field', keys: 'f', enabled: editing, run: go('form', () => fields.focus())},
      {id: 'form.toggle', group: 'Mapping', title: 'Form or JSON', keys: 'v', enabled: editing, run: () => show(form === 'form' ? 'json' : 'form')},
      {id: 'subscription.rename', group: 'Mapping', title: 'Rename the subscription', enabled: editing, run: rename},
    );
    services.commands.provide(() =>
      editing() ? fields.keys().map((key) => ({id: `field.${key}`, group: 'Fields', title: `Field ${key}`, run: go('form', () => fields.focus(key))})) : [],
    );
  }
}

/** Computes anew only where the value it depends on is another one. */
function memo(source, make) {
  let last;
  let made = make(undefined);
  return () => {
    const now = source();
    if (now !== last) {
      last = now;
      made = make(now);
    }
    return made;
  };
}
