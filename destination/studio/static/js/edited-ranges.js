/** Finds what of a trigger's text differs from its saved text. No DOM. */

const WORD = /"(?:[^"\\]|\\.)*"|[A-Za-z0-9_$.-]+|\s+|[^]/gu;

/** The number of cells of the comparison from which on only the ends are compared. */
const MAX_CELLS = 250_000;

/**
 * Lists the ranges of the text that the saved text does not have, as offsets; spaces at their ends are left out.
 * @param {string} saved
 * @param {string} now
 * @returns {Array<[number, number]>}
 */
export function editedRanges(saved, now) {
  if (saved === now) return [];
  const before = saved.match(WORD) ?? [];
  const after = now.match(WORD) ?? [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const rest = Math.min(before.length, after.length) - start;
  while (end < rest && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const kept = keptWords(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return rangesOf(after, (index) => index < start || index >= after.length - end || kept.has(index - start));
}

function keptWords(before, after) {
  const kept = new Set();
  if (before.length * after.length > MAX_CELLS) return kept;
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) {
      kept.add(j);
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return kept;
}

function rangesOf(words, isKept) {
  const ranges = [];
  let offset = 0;
  let open = null;
  words.forEach((word, index) => {
    const blank = word.trim() === '';
    if (isKept(index) && !(blank && open)) open = null;
    else if (!isKept(index) && !blank) {
      if (open) open[1] = offset + word.length;
      else ranges.push((open = [offset, offset + word.length]));
    }
    offset += word.length;
  });
  return ranges;
}
