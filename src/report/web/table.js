// Tables over JSON records. A column is {title, key, unit, basis, right, cell}; `key` is a pointer below
// the record's. Sortable by any column; a long table shows its first rows until more are asked for.
const kFirstRows = 100;

function cellOf(column, record) {
  const pointer = `${record}${column.key}`;
  return column.cell ? column.cell(record, at(pointer)) : value(pointer, column.unit);
}

function sorted(records, column, descending) {
  const keys = new Map(records.map((record) => [record, column.order ? column.order(record) : at(`${record}${column.key}`)]));
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true});
  return [...records].sort((x, y) => {
    const a = keys.get(x), b = keys.get(y);
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);  // absent last, both ways
    return descending ? compare(b, a) : compare(a, b);
  });
}

// The columns that any record has something in.
const held = (records, columns) => columns.filter((column) => !column.key || records.some((record) => has(`${record}${column.key}`)));

// options: label (required), sortable, search, tall, chosen(record)
function table(records, columns, options) {
  let shown = records, limit = kFirstRows, order = null, descending = false;
  const body = h('tbody');
  const note = h('p', {class: 'lead', role: 'status'});
  const more = h('button', {type: 'button', onclick: () => { limit = Infinity; draw(); }});

  function draw() {
    const rows = order ? sorted(shown, order, descending) : shown;
    body.replaceChildren(...rows.slice(0, limit).map((record) => h('tr', {class: options.chosen?.(record) ? 'chosen' : undefined},
        columns.map((column, index) => h(index === 0 ? 'th' : 'td',
            {scope: index === 0 ? 'row' : undefined, class: column.right ? 'right' : column.wide ? 'name' : undefined}, cellOf(column, record))))));
    more.hidden = rows.length <= limit;
    more.textContent = `Show all ${rows.length}`;
    note.textContent = shown.length === records.length ? '' : `${shown.length} of ${records.length} shown`;
  }

  const heads = columns.map((column) => {
    const head = h('th', {scope: 'col', class: column.right ? 'right' : undefined});
    const sort = () => {
      descending = order === column ? !descending : Boolean(column.right);
      order = column;
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      draw();
    };
    head.append(options.sortable ? h('button', {type: 'button', onclick: sort}, column.title) : column.title, basis(column.basis));
    return head;
  });

  const search = options.search ? h('input', {type: 'search', placeholder: options.search, 'aria-label': options.search, oninput: (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    shown = wanted ? records.filter((record) => columns.some((column) => {
      const found = at(`${record}${column.key}`);
      return typeof found === 'string' && found.toLowerCase().includes(wanted);
    })) : records;
    draw();
  }}) : undefined;

  draw();
  return h('div', {}, search ? h('div', {class: 'control'}, search) : '',
      h('div', {class: options.tall ? 'scroll tall' : 'scroll', tabindex: 0, role: 'region', 'aria-label': options.label},
          h('table', {}, h('caption', {class: 'unseen'}, options.label), h('thead', {}, h('tr', {}, heads)), body)),
      note, more);
}
