import {StateEffect, autocompletion, completionKeymap, keymap, lintGutter, setDiagnostics, tooltips} from '../vendor/codemirror.js';
import {completionTheme} from './completion-theme.js';
import {createCodeEditor} from './code-editor.js';
import {drawFinding} from './findings.js';
import {h, icon, replace} from './dom.js';
import {jsonCompletion} from './json-completion.js';
import {keysOf, lineAndColumn, readJson} from './json-pointers.js';
import {isObject} from './chip-model.js';
import {keepTextHistory} from './text-history.js';
import {membersOf, withMembers} from './mapping-edits.js';

/**
 * Makes the editor of a whole subscription as JSON. Text that is not valid changes nothing; it is kept for as long as
 * the page is open, whatever is selected meanwhile.
 *
 * @param {{store: any, services: any, applyFix: (finding: any) => void, changed: () => void}} options
 *   `changed`: called when the text of a subscription became valid or invalid
 */
export function createJsonEditor({store, services, applyFix, changed}) {
  const state = store.state;
  /** Texts that cannot be taken over, by key. @type {Map<string, {text: string, error: any}>} */
  const kept = new Map();
  let key = null;
  /** What the text of the editor says, as it was written last. */
  let shownJson = '';
  const status = h('div', {class: 'jstatus', role: 'status'});
  const box = h('div', {class: 'jbox grow'});
  const list = h('div', {class: 'jfinds'});
  const element = h('div', {class: 'jed grow'}, status, box, list);
  const editor = createCodeEditor(box, {label: 'Subscription, JSON', text: '', changed: take});
  const typed = keepTextHistory(editor.view, () => kept.has(key));
  let asked = {for: null, answer: null};
  editor.view.dispatch({
    effects: StateEffect.appendConfig.of([
      autocompletion({override: [jsonCompletion(known)], icons: false}),
      keymap.of(completionKeymap),
      lintGutter(),
      completionTheme,
      tooltips({position: 'fixed'}),
    ]),
  });

  return {
    element,
    focus: editor.focus,
    /** Returns the error of a subscription's text, or null. @param {string} of */
    errorOf: (of) => kept.get(of)?.error ?? null,
    /** Forgets a text that could not be taken over. @param {string} of */
    discard(of) {
      if (!kept.delete(of)) return;
      block();
      if (of === key) key = null;
      changed();
    },
    /** Forgets the texts of subscriptions that are not there any more. */
    prune() {
      for (const of of kept.keys()) if (!store.find(of)) kept.delete(of);
      block();
    },
    /** Shows the selected subscription with its findings. @param {any[]} findings */
    update(findings) {
      const subscription = store.selectedSubscription();
      if (!subscription) return;
      const json = JSON.stringify(membersOf(subscription));
      if (subscription.key !== key) {
        key = subscription.key;
        shownJson = json;
        put(kept.get(key)?.text ?? JSON.stringify(membersOf(subscription), null, 2));
      } else if (json !== shownJson && !kept.has(key)) {
        shownJson = json;
        put(JSON.stringify(membersOf(subscription), null, 2));
      }
      draw(findings);
    },
  };

  function put(text) {
    editor.setText(text);
    typed.forget();
  }

  function take(text) {
    const {value, error} = readJson(text);
    const problem = error ?? shapeError(value, text);
    const had = kept.has(key);
    if (problem) {
      kept.set(key, {text, error: problem});
    } else {
      kept.delete(key);
      shownJson = JSON.stringify(value);
      const {name} = store.selectedSubscription();
      store.edit(`JSON of ${name}`, (draft) => {
        const next = draft.map((one) => (one.key === key ? withMembers(one, value) : one));
        return JSON.stringify(next) === JSON.stringify(draft) ? draft : next;
      });
    }
    block();
    draw([]);
    if (had !== kept.has(key)) changed();
  }

  function block() {
    const [of] = kept.keys();
    const words = of === undefined ? null : `The JSON of ${store.find(of)?.name ?? 'a subscription'} is not valid.`;
    if (words || state.blocked?.startsWith('The JSON of ')) store.set({blocked: words});
  }

  function draw(findings) {
    const error = kept.get(key)?.error ?? null;
    const text = editor.view.state.doc.toString();
    replace(
      status,
      error && h('p', {class: 'fail-l'}, icon('x', 'bad'), h('span', {class: 'grow'}, `${placeWords(text, error.from)}: ${error.message} The mapping is as it was before.`)),
      error && h('button', {class: 'btn sm', dataset: {focus: 'discard'}, onClick: () => discardHere()}, 'Discard this text'),
    );
    const marks = error ? [{...error, severity: 'error'}] : marksOf(findings, text);
    editor.view.dispatch(setDiagnostics(editor.view.state, marks));
    replace(list, error ? null : findings.map((finding) => drawFinding({...finding, message: `Line ${lineOf(finding, text)}: ${finding.message}`}, applyFix)));
  }

  function discardHere() {
    const subscription = store.selectedSubscription();
    kept.delete(key);
    shownJson = JSON.stringify(membersOf(subscription));
    put(JSON.stringify(membersOf(subscription), null, 2));
    block();
    draw([]);
    changed();
    editor.focus();
  }

  function marksOf(findings, text) {
    const {error, rangeOf} = readJson(text);
    if (error) return [];
    return findings.map((finding) => {
      const [from, to] = rangeOf(keysOf(finding.pointer ?? ''));
      const severity = finding.severity === 'error' ? 'error' : finding.severity === 'warning' ? 'warning' : 'info';
      // A finding about the whole marks its first line only.
      const end = keysOf(finding.pointer ?? '').length ? to : Math.min(to, from + 1);
      return {from, to: end, severity, message: `${finding.code} ${finding.message}`};
    });
  }

  function lineOf(finding, text) {
    const {error, rangeOf} = readJson(text);
    return error ? 1 : lineAndColumn(text, rangeOf(keysOf(finding.pointer ?? ''))[0]).line;
  }

  /** Asks the server once for each draft and event. */
  async function known() {
    const {draft, selected, event} = state;
    if (!event && !asked.answer) return null;
    const same = asked.for && asked.for.selected === selected && asked.for.event === event && kept.has(selected);
    if (same || (asked.for?.draft === draft && asked.for.selected === selected && asked.for.event === event)) return asked.answer;
    try {
      const answer = await services.post('/api/complete', {draft, selected, event});
      asked = {for: {draft, selected, event}, answer};
      return answer;
    } catch {
      return asked.answer;
    }
  }
}

function shapeError(value, text) {
  const whole = {from: 0, to: Math.min(1, text.length)};
  if (!isObject(value)) return {...whole, message: 'A subscription is a JSON object.'};
  const at = (member) => {
    const [from, to] = readJson(text).rangeOf([member]);
    return {from, to};
  };
  for (const member of ['name', 'subscribe', 'partnerAction']) {
    if (value[member] !== undefined && typeof value[member] !== 'string') return {...at(member), message: `\`${member}\` is text.`};
  }
  for (const member of ['subscribe', 'partnerAction', 'mapping']) {
    if (value[member] === undefined) return {...whole, message: `A subscription has the member \`${member}\`.`};
  }
  if (value.enabled !== undefined && typeof value.enabled !== 'boolean') return {...at('enabled'), message: '`enabled` is true or false.'};
  return null;
}

function placeWords(text, offset) {
  const {line, column} = lineAndColumn(text, offset);
  return `Line ${line}, column ${column}`;
}
