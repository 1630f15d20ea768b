// The page shows one JSON document and nothing else. A number reaches the page through figure(), which
// takes a JSON pointer (RFC 6901), so that every one of them can be held against the document: it
// becomes <data value="the raw number" data-path="the pointer">the number as people read it</data>.
const report = JSON.parse(document.getElementById('edgescope-document').textContent);

function at(pointer) {
  let value = report;
  for (const part of pointer.split('/').slice(1)) {
    if (value === null || typeof value !== 'object') return undefined;
    value = value[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value === null ? undefined : value;
}

const has = (pointer) => {
  const value = at(pointer);
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
};

// Pointers to the elements of an array: each('/runs') is ['/runs/0', '/runs/1', ...].
const each = (pointer) => (at(pointer) ?? []).map((_, index) => `${pointer}/${index}`);

function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(3).filter((child) => child !== undefined && child !== null && child !== ''));
  return node;
}

// Three or four significant digits, as the program's own text output has them.
function digits(value) {
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : 2);
}

function scaled(value, step, units) {
  let unit = 0;
  while (Math.abs(value) >= step && unit < units.length - 1) {
    value /= step;
    ++unit;
  }
  return (unit === 0 ? String(value) : digits(value)) + (units[unit] && ` ${units[unit]}`);
}

const units = {
  us: (value) => Math.abs(value) >= 1e6 ? `${digits(value / 1e6)} s` : Math.abs(value) >= 1e3 ? `${digits(value / 1e3)} ms` : value !== 0 && Math.abs(value) < 0.99995 ? `${digits(value * 1e3)} ns` : `${digits(value)} µs`,
  bytes: (value) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']),
  count: (value) => scaled(value, 1000, ['', 'k', 'M', 'G', 'T']),
  percent: (value) => `${digits(value * 100)} %`,
  percents: (value) => `${digits(value)} %`,
  times: (value) => `${digits(value)}×`,
  short: (value) => Number.isInteger(value) ? String(value) : value !== 0 && (Math.abs(value) < 0.01 || Math.abs(value) >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4))),
  plain: (value) => String(value),
};

const absent = () => h('span', {title: 'not in the document'}, '–');

function figure(pointer, unit = 'plain') {
  const value = at(pointer);
  if (typeof value !== 'number') return absent();
  return h('data', {value: String(value), 'data-path': pointer, title: unit === 'plain' ? undefined : String(value)}, units[unit](value));
}

// "[2.76 ms, 2.91 ms]" of a pointer to a pair.
const interval = (pointer, unit = 'us') => has(pointer)
    ? h('span', {class: 'figures'}, '[', figure(`${pointer}/0`, unit), ', ', figure(`${pointer}/1`, unit), ']') : absent();

// Any value: numbers as figures, lists joined, the rest as it is.
function value(pointer, unit) {
  const found = at(pointer);
  if (found === undefined) return absent();
  if (typeof found === 'number') return figure(pointer, unit);
  if (Array.isArray(found)) return h('span', {}, each(pointer).map((p, i) => [i ? ', ' : '', value(p, unit)]));
  return typeof found === 'boolean' ? (found ? 'yes' : 'no') : typeof found === 'object' ? JSON.stringify(found) : String(found);
}

const meanings = {
  exact: 'exact: read from the file itself',
  measured: 'measured on this machine, see Environment',
  predicted: 'predicted by a model of the device',
  published: 'published by somebody else',
};
const basis = (name) => name ? h('span', {class: `basis ${name}`, title: meanings[name]}, name) : '';

const facts = (lines) => h('dl', {class: 'facts'},
    lines.filter(([, shown]) => shown !== undefined && shown !== null && shown !== '').map(([name, shown]) => [h('dt', {}, name), h('dd', {}, shown)]));

// Text of the document with `code` in it.
const prose = (text) => String(text ?? '').split('`').map((part, index) => (index % 2 ? h('code', {}, part) : part));

// Open dimensions are names or nothing; so is a shape whose rank is not known.
const shape = (dims) => Array.isArray(dims) ? `[${dims.map((dim) => dim ?? '?').join(' × ')}]` : '?';

// A section of the page, `short` its name in the contents. `mark` is the basis of all its numbers.
const section = (id, short, title, mark, lead, ...children) =>
    h('section', {id, 'data-short': short, 'aria-labelledby': `${id}-title`}, h('h2', {id: `${id}-title`}, title, basis(mark)), lead ? h('p', {class: 'lead'}, lead) : '', children);
