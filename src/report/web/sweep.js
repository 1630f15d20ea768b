// What a sweep measured: each question with its answer, a chart where a picture says more, and the figures.
const microseconds = (title, key) => [
  {title, key: `/${key}_us`, unit: 'us', right: true},
  {title: '95 % interval', key: `/${key}_interval_us`, right: true, order: (row) => at(`${row}/${key}_interval_us/0`), cell: (row) => interval(`${row}/${key}_interval_us`)},
];
const basisColumn = {title: 'Basis', key: '/basis', cell: (row, name) => basis(name)};
const graphColumn = (title, key) => ({title, key, wide: true, cell: (row) => has(`${row}${key}`) ? counted(at(`${row}${key}`)) : absent()});

const answerColumns = {
  scaling: (along) => [...microseconds('Fixed', 'fixed'), ...microseconds(along === 'million_macs' ? 'Each million' : `Each ${along}`, 'each'), {title: 'Factor', key: '/factor', unit: 'times', right: true}, {title: 'Beside the line', key: '/worst_residual', unit: 'percent', right: true}, basisColumn],
  variance: () => [{title: 'Spread (cv)', key: '/cv', unit: 'percent', right: true}, {title: 'Of the fastest 99 %', key: '/cv99', unit: 'percent', right: true}, {title: 'Between processes', key: '/between_processes', unit: 'percent', right: true}, {title: 'Neighbours', key: '/lag1', unit: 'short', right: true}, {title: 'Floor (p5)', key: '/floor_us', unit: 'us', right: true}, {title: 'What it is', key: '/why', wide: true}],
  ladder: () => [{title: 'From', key: '/from', right: true}, {title: 'To', key: '/to', right: true}, ...microseconds('Mean', 'mean'), ...microseconds('Fastest calls', 'floor'), {title: 'So it is', key: '/verdict'}, graphColumn('The file then holds', '/made_to'), basisColumn],
  parity: () => [{title: 'Runtime', key: '/on'}, {title: 'Against', key: '/reference'}, {title: 'Results', key: '/agreement'}, {title: 'Other values', key: '/different', unit: 'count', right: true}, {title: 'of', key: '/values', unit: 'count', right: true}, {title: 'Largest difference', key: '/max_abs', unit: 'short', right: true}, {title: 'In steps', key: '/max_steps', unit: 'short', right: true}, {title: 'Decisions flipped', key: '/decision_flips', right: true}],
  strategies: (along) => [{title: along, key: `/${along}`}, {title: 'Median', key: '/median_us', unit: 'us', right: true}, ...microseconds('Slower by', 'slower_by'), {title: 'Predicted or published', key: '/interval_us', right: true, order: (row) => at(`${row}/interval_us/0`), cell: (row) => interval(`${row}/interval_us`)}, {title: '', key: '/verdict'}, basisColumn],
};

// ["FULLY_CONNECTED", "RELU", "RELU"] as "FULLY_CONNECTED, 2 RELU".
function counted(kinds) {
  const counts = new Map();
  kinds.forEach((kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ');
}

// Lines from the low to the high end of each point's interval, along the axis of values.
const intervalLines = {
  id: 'intervalLines',
  afterDatasetsDraw: (chart) => chart.data.datasets.forEach((dataset, index) => {
    if (!dataset.whiskers || !chart.isDatasetVisible(index)) return;
    const sideways = dataset.sideways, scale = sideways ? chart.scales.x : chart.scales.y, pen = chart.ctx;
    pen.save();
    pen.strokeStyle = dataset.borderColor ?? dataset.backgroundColor;
    pen.lineWidth = 2;
    chart.getDatasetMeta(index).data.forEach((element, k) => {
      if (!dataset.whiskers[k]) return;
      const [low, high] = dataset.whiskers[k].map((value) => scale.getPixelForValue(value));
      pen.beginPath();
      if (sideways) { pen.moveTo(low, element.y); pen.lineTo(high, element.y); } else { pen.moveTo(element.x, low); pen.lineTo(element.x, high); }
      pen.stroke();
    });
    pen.restore();
  }),
};

const wideRange = (values) => Math.min(...values) > 0 && Math.max(...values) > 30 * Math.min(...values);
const round = (value) => { const order = Math.log10(value); return Math.abs(order - Math.round(order)) < 1e-6; };
// An axis on which the smallest values can be told apart too; marked at powers of ten.
const axis = (values, unit, title) => wideRange(values)
    ? {type: 'logarithmic', suggestedMax: Math.max(...values) * 1.3, title: {display: title !== '', text: title}, ticks: {callback: (value) => round(value) ? tick(unit)(value) : '', maxRotation: 0, autoSkip: false}, grid: {color: (mark) => round(mark.tick?.value) ? css('--grid') : 'transparent'}}
    : {beginAtZero: true, title: {display: title !== '', text: title}, ticks: {callback: tick(unit), maxTicksLimit: narrow() ? 4 : 7, maxRotation: 0}};

const middle = (pair) => (pair[0] + pair[1]) / 2;

function growthChart(answer) {
  const rows = each(`${answer}/rows`).map(at).filter((row) => row.points?.length > 1);
  if (!rows.length) return '';
  const x = at(`${answer}/x`), name = x === 'million_macs' ? 'million multiply-accumulates' : x;
  const height = (point) => point.p5_us ?? middle(point.interval_us);
  const curve = (row) => {
    const steps = [...Array(41).keys()].map((k) => (row.from > 0 ? row.from * (row.to / row.from) ** (k / 40) : row.from + (row.to - row.from) * k / 40));
    return steps.map((n) => ({x: n, y: row.fixed_us + row.each_us * n})).filter((point) => point.y > 0);
  };
  const told = rows.some((row) => row.basis !== 'measured');
  return plot(`Time by ${name}`, told ? '' : 'measured', `The fastest calls (5th percentile) with their 95 % intervals by ${name}, and the line through them.${told ? ' Hollow: not measured but predicted, from the least to the most.' : ''} What bends is drawn on logarithmic axes.`, narrow() ? 420 : 380, () => ({
    type: 'scatter',
    plugins: [intervalLines],
    data: {
      datasets: rows.flatMap((row, index) => {
        const measured = row.basis === 'measured';
        const points = {label: row.label, data: row.points.map((point) => ({x: point[x], y: height(point)})), whiskers: row.points.map((point) => point.p5_interval_us ?? point.interval_us), borderColor: hue(index), backgroundColor: measured ? hue(index) : css('--card'), pointRadius: 4, borderWidth: 1.5};
        return measured ? [points, {label: '', data: curve(row), borderColor: hue(index), showLine: true, pointRadius: 0, borderWidth: 1.5}] : [points];
      }),
    },
    options: {
      plugins: {
        legend: {labels: {filter: (item) => item.text !== '', usePointStyle: true}},
        tooltip: {filter: (item) => item.dataset.label !== '', callbacks: {label: (item) => `${item.dataset.label}: ${item.dataset.whiskers[item.dataIndex].map(units.us).join(' to ')} at ${name} ${units.short(item.parsed.x)}`}},
      },
      scales: {x: axis(rows.flatMap((row) => row.points.map((point) => point[x])), 'short', name), y: axis(rows.flatMap((row) => row.points.flatMap((point) => [height(point), ...(point.interval_us ?? [])])), 'us', '')},
    },
  }));
}

// One row a series: from the 5th to the 95th percentile, a dot at the median.
function spreadChart(answer) {
  const rows = at(`${answer}/kind`) === 'variance' ? each(`${answer}/rows`).map(at) : [];
  if (!rows.length) return '';
  return plot('From the fastest calls to the slow ones', 'measured', 'Each series: its median, and from the 5th to the 95th of a hundred calls, as a share of the median.', Math.max(160, rows.length * 24 + 70), () => ({
    type: 'scatter',
    plugins: [intervalLines],
    data: {datasets: [{data: rows.map((row, k) => ({x: 1, y: k})), whiskers: rows.map((row) => [row.floor_us / row.median_us, row.p95_us / row.median_us]), sideways: true, borderColor: hue(0), backgroundColor: hue(0), pointRadius: 3}]},
    options: {
      plugins: {legend: {display: false}, tooltip: {callbacks: {label: (item) => `${rows[item.dataIndex].label}: median ${units.us(rows[item.dataIndex].median_us)}, p95 ${units.us(rows[item.dataIndex].p95_us)}, p99 ${units.us(rows[item.dataIndex].p99_us)}`}}},
      scales: {
        x: {min: 0, max: Math.max(2, ...rows.map((row) => row.p95_us / row.median_us)) * 1.05, ticks: {callback: units.times, maxTicksLimit: 6, maxRotation: 0}},
        y: {type: 'linear', min: -0.6, max: rows.length - 0.4, reverse: true, grid: {display: false}, afterBuildTicks: (scale) => { scale.ticks = rows.map((row, k) => ({value: k})); }, ticks: {autoSkip: false, callback: (k) => clipped(rows[k]?.label ?? '', narrow() ? 18 : 40)}},
      },
    },
  }));
}

function stepsChart(answer) {
  const rows = at(`${answer}/kind`) === 'ladder' ? each(`${answer}/rows`).map(at).filter((row) => row.basis === 'measured') : [];
  if (!rows.length) return '';
  const bars = (name, key, index) => ({label: name, data: rows.map((row) => row[`${key}_interval_us`]), backgroundColor: hue(index), borderSkipped: false, maxBarThickness: 7, minBarLength: 3});
  return plot('What each step changes', 'measured', 'The 95 % interval of the mean and that of the fastest calls (5th percentile), for each step. One that holds zero shows no change.', Math.max(160, rows.length * 25 + 70), () => ({
    type: 'bar',
    data: {labels: rows.map((row) => clipped(`${row.label}: ${row.from} to ${row.to}`, narrow() ? 20 : 40)), datasets: [bars('mean', 'mean', 1), bars('fastest calls', 'floor', 0)]},
    options: {
      indexAxis: 'y',
      plugins: {tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${item.raw.map(units.us).join(' to ')}`}}},
      scales: {x: {ticks: {callback: tick('us'), maxTicksLimit: narrow() ? 4 : 8, maxRotation: 0}, grid: {color: (mark) => css(mark.tick?.value === 0 ? '--soft' : '--grid')}}, y: {grid: {display: false}, ticks: {autoSkip: false}}},
    },
  }));
}

// Each way at each place of one device, which the reader chooses.
function waysChart(answer) {
  const rows = at(`${answer}/kind`) === 'strategies' ? each(`${answer}/rows`).map(at) : [];
  if (!rows.length) return '';
  const along = at(`${answer}/along`) ?? 'strategy', ways = [...new Set(rows.map((row) => row[along]))], devices = [...new Set(rows.map((row) => row.device))];
  const places = (device) => [...new Set(rows.filter((row) => row.device === device).map((row) => row.place))];
  const height = (device) => places(device).length * 26 + 90;
  const ends = (row) => row.interval_us ?? [row.median_us, row.median_us];
  let chosen = devices[0];
  const node = plot(`Each ${along} at each place`, '', 'A dot for each, further left is faster; a line is the interval of what is predicted. Times are on a logarithmic axis.', height(chosen), () => {
    const of = rows.filter((row) => row.device === chosen), names = places(chosen);
    return {
      type: 'scatter',
      plugins: [intervalLines],
      data: {datasets: ways.map((way, index) => {
        const own = of.filter((row) => row[along] === way);
        return {label: String(way), data: own.map((row) => ({x: middle(ends(row)), y: names.indexOf(row.place)})), whiskers: own.map((row) => row.interval_us), sideways: true, borderColor: hue(index), backgroundColor: own[0]?.basis === 'measured' ? hue(index) : css('--card'), borderWidth: 2, pointRadius: 5};
      })},
      options: {
        plugins: {legend: {labels: {usePointStyle: true}}, tooltip: {callbacks: {label: (item) => `${names[item.parsed.y]}, ${item.dataset.label}: ${units.us(item.parsed.x)}`}}},
        scales: {
          x: axis(of.flatMap(ends), 'us', ''),
          y: {type: 'linear', min: -0.6, max: names.length - 0.4, reverse: true, afterBuildTicks: (scale) => { scale.ticks = names.map((name, k) => ({value: k})); }, ticks: {autoSkip: false, callback: (k) => clipped(names[k] ?? '', narrow() ? 22 : 40)}},
        },
      },
    };
  });
  const select = h('select', {'aria-label': 'Device', onchange: () => { chosen = select.value; node.redraw(height(chosen)); }}, devices.map((device) => h('option', {value: device}, device)));
  node.querySelector('figcaption').after(h('div', {class: 'control'}, h('label', {}, 'On ', select)));
  return node;
}

const bases = (pointers) => { const found = [...new Set(pointers.map((pointer) => at(`${pointer}/basis`)).filter(Boolean))]; return found.length === 1 ? found[0] : ''; };

function answers() {
  return each('/answers').map((answer, index) => {
    const kind = at(`${answer}/kind`), rows = each(`${answer}/rows`), mark = bases(rows);
    const columns = [{title: 'What', key: '/label'}, ...(answerColumns[kind === 'size' ? 'scaling' : kind])(at(`${answer}/x`) ?? at(`${answer}/along`) ?? 'strategy')];
    const kept = held(rows, columns.filter((column) => column !== basisColumn || !mark));
    return section(`answer${index}`, [kind, at(`${answer}/along`)].filter(Boolean).join(' by '), at(`${answer}/question`), mark, '', conclusion(at(`${answer}/conclusion`)),
        h('div', {class: 'stack'}, growthChart(answer), spreadChart(answer), stepsChart(answer), waysChart(answer), rows.length ? table(rows, kept, {label: at(`${answer}/question`), sortable: true, search: rows.length > 40 ? 'Find a row' : undefined, tall: true}) : ''));
  });
}

function sweepPoints() {
  const points = each('/points'), having = (member) => points.filter((point) => has(`${point}/${member}`));
  const timed = having('median_us'), told = having('rests_on'), failed = having('failure');
  if (!timed.length && !told.length && !failed.length) return '';
  const range = {title: '95 % interval', key: '/interval_us', right: true, order: (point) => at(`${point}/interval_us/0`), cell: (point) => interval(`${point}/interval_us`)};
  const columns = [
    {title: 'Point', key: '/label'}, {title: 'Median', key: '/median_us', unit: 'us', right: true}, range,
    {title: 'Minimum', key: '/min_us', unit: 'us', right: true}, {title: 'p5', key: '/p5_us', unit: 'us', right: true}, {title: 'p95', key: '/p95_us', unit: 'us', right: true},
    {title: 'Processes', key: '/processes', right: true}, {title: 'Samples', key: '/samples', unit: 'count', right: true},
  ];
  const part = (title, records, list, options) => records.length ? [h('h3', {class: 'after'}, title), table(records, list, options)] : '';
  return section('points', 'Points', 'Every point', '', '',
      part(['Timed', basis('measured')], timed, columns, {label: 'Points that were timed', sortable: true, search: 'Find a point', tall: true}),
      part('Not timed', told, [{title: 'Point', key: '/label'}, {...range, title: 'A call takes'}, basisColumn, {title: 'Rests on', key: '/rests_on', wide: true}], {label: 'Points that are predicted or published', sortable: true, tall: true}),
      part('Without a time', failed, [{title: 'Point', key: '/label'}, {title: 'Why', key: '/failure', wide: true}], {label: 'Points without a time', tall: true}));
}

// A conclusion of many sentences is read more easily as a list.
function conclusion(text) {
  const sentences = String(text ?? '').split(/(?<=\.) (?=\S)/);
  return sentences.length < 4 ? h('p', {class: 'lead'}, text) : h('ul', {class: 'lead'}, sentences.map((sentence) => h('li', {}, sentence)));
}

// The answers in words, before anything else.
function sweepHead() {
  const headlines = each('/answers').map((answer) => at(`${answer}/headline`) ?? at(`${answer}/conclusion`));
  return h('section', {id: 'top', 'aria-label': 'Verdict', style: 'margin-top: 0'}, h('div', {class: 'hero', id: 'verdict'},
      h('p', {class: 'eyebrow mono'}, `${at('/run/name')}, run ${at('/run/id')}, ${at('/run/started')}`), h('h1', {}, headlines[0] ?? at('/run/name')),
      has('/plan/about') ? h('p', {class: 'lead'}, at('/plan/about')) : '', headlines.length > 1 ? h('ul', {}, headlines.slice(1).map((text) => h('li', {}, text))) : ''));
}
