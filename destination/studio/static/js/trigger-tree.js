import {h, icon, replace, whenReleased} from './dom.js';
import {shown} from './field-rows.js';

/**
 * Makes the tree of a trigger's conditions, each with its verdict and what the event has there.
 *
 * It is one tab stop: arrow keys, Home and End move, Left goes to the group of a condition. A double click or `F2`
 * selects the condition in the text.
 *
 * @param {{linking: any, choose: (from: number, to: number) => void}} services
 */
export function createTriggerTree({linking, choose}) {
  const element = h('div', {class: 'tree', role: 'tree', onKeydown, onDblclick, onFocusin});
  /** @type {any[]} */
  let nodes = [];
  let current = 0;
  let signature = '';

  return {
    element,
    /**
     * Shows a tree, or nothing.
     * @param {any} tree of explain's answer, or null
     * @param {string} label
     */
    update(tree, label) {
      element.hidden = !tree;
      element.setAttribute('aria-label', label);
      const next = JSON.stringify(tree);
      nodes = tree ? flatten(tree) : [];
      current = Math.min(current, Math.max(0, nodes.length - 1));
      whenReleased(element, () => {
        if (next !== signature) replace(element, nodes.map(drawNode));
        signature = next;
        // The links are new with each answer, even where the tree is not.
        nodes.forEach(({node}, index) => {
          const ids = node.children?.length || node.from === undefined ? [] : linking.ids.trigger(node.from, node.to);
          linking.register(element.children[index], ids);
        });
      });
    },
  };

  function drawNode({node, level, branch, position, size}, index) {
    const [tone, glyph, word] = verdictOf(node);
    const group = Boolean(node.children?.length);
    const text = group ? node.operator : (node.text ?? node.condition);
    const deciding = node.deciding && !group;
    return h(
      'div',
      {
        class: deciding ? 'tn no' : 'tn',
        role: 'treeitem',
        'aria-level': level,
        'aria-posinset': position,
        'aria-setsize': size,
        'aria-selected': 'false',
        'aria-expanded': group ? 'true' : null,
        tabIndex: index === current ? 0 : -1,
        dataset: {focus: `tree ${index}`},
      },
      h('span', {class: `vd ${tone}`}, icon(glyph), word),
      h(
        'span',
        {class: 'cd', title: text},
        h('span', {class: 'br', 'aria-hidden': 'true'}, branch),
        group ? h('span', {class: 'sec'}, text) : text,
      ),
      group ? h('span') : found(node, deciding),
    );
  }

  function onKeydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = [...element.children].indexOf(event.target);
    if (at < 0) return;
    const level = nodes[at].level;
    const above = nodes.slice(0, at).findLastIndex((one) => one.level < level);
    const moves = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1, ArrowLeft: above, ArrowRight: nodes[at + 1]?.level > level ? at + 1 : -1};
    if (event.key === 'F2') selectText(at);
    else if (event.key in moves) focus(moves[event.key]);
    else return;
    event.preventDefault();
  }

  function onDblclick(event) {
    const at = [...element.children].indexOf(event.target.closest('.tn'));
    if (at >= 0) selectText(at);
  }

  function onFocusin(event) {
    const at = [...element.children].indexOf(event.target.closest('.tn'));
    if (at < 0) return;
    element.children[current]?.setAttribute('tabindex', '-1');
    current = at;
    element.children[at].setAttribute('tabindex', '0');
  }

  function focus(index) {
    if (index >= 0 && index < nodes.length) element.children[index].focus();
  }

  function selectText(index) {
    const {from, to} = nodes[index].node;
    if (from !== undefined) choose(from, to);
  }
}

function flatten(tree) {
  const found = [];
  const add = (node, level, branch, below, position, size) => {
    found.push({node, level, branch, position, size});
    (node.children ?? []).forEach((child, index, all) => {
      const last = index === all.length - 1;
      add(child, level + 1, `${below}${last ? '└ ' : '├ '}`, `${below}${last ? '  ' : '│ '}`, index + 1, all.length);
    });
  };
  add(tree, 1, '', '', 1, 1);
  return found;
}

function verdictOf({verdict, asked}) {
  if (asked === false) return ['n', 'dash', 'not asked'];
  if (verdict === null || verdict === undefined) return ['f', 'x', 'fails'];
  return verdict ? ['t', 'check', 'true'] : ['f', 'x', 'false'];
}

function found(node, deciding) {
  if (node.path === undefined || node.path === null) return h('span');
  const value = shown(node.value);
  const title = node.value === undefined ? `The event has nothing at ${node.path}.` : value.title;
  if (node.asked === false && typeof node.wouldBe === 'boolean') {
    return h('span', {class: 'it g', title: `it is ${value.text}`}, `would be ${node.wouldBe}`);
  }
  return h('span', {class: 'it', title}, deciding ? h('b', {class: 'bad'}, value.text) : value.text);
}
