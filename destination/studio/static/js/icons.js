/**
 * The shapes of the icons, on a grid of 12 by 12, drawn as lines.
 * @type {Record<string, string>}
 */
export const ICONS = {
  check: 'M2 6.5 5 9.5 10 3',
  x: 'M3 3l6 6M9 3l-6 6',
  dash: 'M3 6h6',
  right: 'M4.5 2.5 8 6l-3.5 3.5',
  left: 'M7.5 2.5 4 6l3.5 3.5',
  down: 'M2.5 4.5 6 8l3.5-3.5',
  up: 'M2.5 7.5 6 4l3.5 3.5',
  warn: 'M6 1.5 11 10.5H1ZM6 5v2.5M6 9v.1',
  search:
    'M5.2 1.8a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8M7.8 7.8 10.5 10.5',
  plus: 'M6 2v8M2 6h8',
  undo: 'M2 5h5.5a2.5 2.5 0 0 1 0 5H5M4 3 2 5l2 2',
  redo: 'M10 5H4.5a2.5 2.5 0 0 0 0 5H7M8 3l2 2-2 2',
  lock: 'M3 5.5h6v5H3ZM4.2 5.5V4a1.8 1.8 0 0 1 3.6 0v1.5',
  dots: 'M2.5 6h.1M6 6h.1M9.5 6h.1',
  pause: 'M4 2.5v7M8 2.5v7',
  play: 'M3.5 2.5 9.5 6l-6 3.5Z',
  send: 'M2 6h8M7 3l3 3-3 3',
  copy: 'M4 4h6.5v6.5H4ZM2 8V1.5h6.5',
  trash: 'M2 3.5h8M4.5 3.5v-2h3v2M3 3.5l.5 7h5l.5-7',
  pin: 'M4 1.5h4M4.5 1.5V5L3 7h6L7.5 5V1.5M6 7v3.5',
};
