import {drawFinding, prose} from './findings.js';
import {h, icon} from './dom.js';
import {redraw} from './redraw.js';
import {createTriggerEditor} from './trigger-editor.js';
import {createTriggerTree} from './trigger-tree.js';

/**
 * Makes the trigger: its verdict, its text, and its conditions with what the event has for each.
 * @param {{store: any, services: any, actions: any, values: () => any[], applyFix: (finding: any) => void}} options
 */
export function createTriggerSection({store, services, actions, values, applyFix}) {
  const verdict = h('span', {class: 'verdict-of'});
  const head = h('div', {class: 'sect'}, h('h3', null, 'Trigger'), verdict, h('span', {class: 'grow'}), h('kbd', {title: 'T goes to the trigger'}, 'T'));
  const box = h('div', {class: 'fql'});
  const error = h('div', {id: 'trigger-error'});
  const was = h('div');
  const notes = h('div');
  const editor = createTriggerEditor(box, {changed: actions.setTrigger, values});
  const tree = createTriggerTree({linking: services.linking, choose: editor.select});
  const element = h('section', {class: 'trig', 'aria-label': 'Trigger'}, head, box, error, was, tree.element, notes);

  return {
    element,
    focus: editor.focus,
    /**
     * @param {{trigger: any, isNewest: boolean, findings: any[], eventName: string}} given `trigger` of explain's answer, or null;
     *   `isNewest`: it is of this very text
     */
    update({trigger, isNewest, findings, eventName}) {
      const subscription = store.selectedSubscription();
      if (!subscription) return;
      const saved = store.savedOf(subscription.key)?.subscribe ?? null;
      editor.update({text: subscription.subscribe ?? '', saved, trigger: isNewest || !trigger ? trigger : undefined});
      redraw(verdict, [Boolean(trigger), trigger?.error, trigger?.tree?.verdict, Boolean(trigger?.tree), eventName], () => drawVerdict(trigger, eventName));
      redraw(error, [trigger?.error, trigger?.remedy], () => trigger?.error && drawError(trigger));
      box.classList.toggle('wrong', Boolean(trigger?.error));
      const edited = saved !== null && saved !== subscription.subscribe;
      redraw(
        was,
        edited && saved,
        () =>
          edited &&
          h('div', {class: 'was-saved'}, h('span', null, 'saved'), h('code', {class: 'cut', title: saved}, saved), h('span', {class: 'grow'}), h('button', {class: 'btn sm bare', dataset: {focus: 'revert-trigger'}, onClick: actions.revertTrigger}, 'Revert the trigger')),
      );
      tree.update(trigger?.error ? null : (trigger?.tree ?? null), `Trigger for ${eventName}`);
      // A note that is a finding too is said once.
      const said = (note) => findings.some((finding) => note.endsWith(`(${finding.code})`));
      const words = [...(trigger?.notes ?? []).filter((note) => !said(note)), trigger?.impossible && !trigger.error ? trigger.impossible : null].filter(Boolean);
      const shown = findings.filter((finding) => !(trigger?.error && finding.code === 'T001'));
      redraw(notes, [words, shown.map(({fix, ...rest}) => [rest, fix?.title, fix?.draft])], () => [
        words.map((note) => h('p', {class: 'note-l'}, icon('warn', 'warn'), h('span', null, prose(note)))),
        // What cannot be parsed is said once, at its place.
        shown.map((finding) => drawFinding(finding, applyFix)),
      ]);
    },
  };

  function drawVerdict(trigger, eventName) {
    if (!trigger) return null;
    if (trigger.error) return h('span', {class: 'vd f'}, icon('x'), 'cannot be read');
    if (!trigger.tree) return null;
    const matches = trigger.tree.verdict === true;
    if (trigger.tree.verdict === null) return h('span', {class: 'vd f'}, icon('x'), `fails for ${eventName}`);
    return h('span', {class: matches ? 'vd t' : 'vd f'}, icon(matches ? 'check' : 'x'), matches ? `matches ${eventName}` : `does not match ${eventName}`);
  }

  function drawError({error, remedy}) {
    const {message, from} = typeof error === 'string' ? {message: error, from: null} : error;
    return h(
      'div',
      {class: 'fail-l', role: 'alert'},
      icon('x', 'bad'),
      h('span', {class: 'grow'}, from !== null && from !== undefined && `Column ${from + 1}: `, prose(message), remedy && h('span', {class: 'sec'}, ' ', prose(remedy))),
      from !== null && from !== undefined && h('button', {class: 'btn sm bare', dataset: {focus: 'go-error'}, onClick: () => editor.select(from, error.to ?? from)}, 'Go there'),
    );
  }
}

