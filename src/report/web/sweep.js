// What a sweep measured: each question with its conclusion, a chart where a picture says more, and the figures.
const microseconds = (title, key) => [
  {title, key: `/${key}_us`, unit: 'us', right: true},
  {title: '95 % interval', key: `/${key}_interval_us`, right: true, order: (row) => at(`${row}/${key}_interval_us/0`), cell: (row) => interval(`${row}/${key}_interval_us`)},
];

const answerColumns = {
  scaling: () => [...microseconds('Fixed', 'fixed'), ...microseconds('Each', 'each'), {title: 'Factor', key: '/factor', unit: 'times', right: true}, {title: 'Beside the line', key: '/worst_residual', unit: 'percent', right: true}],
  variance: () => [{title: 'Spread (cv)', key: '/cv', unit: 'percent', right: true}, {title: 'Between processes', key: '/between_processes', unit: 'percent', right: true}, {title: 'Neighbours', key: '/lag1', unit: 'short', right: true}, {title: 'Floor', key: '/floor_us', unit: 'us', right: true}, {title: 'What it is', key: '/why', wide: true}],
  ladder: () => [{title: 'From', key: '/from', right: true}, {title: 'To', key: '/to', right: true}, ...microseconds('Mean', 'mean'), ...microseconds('Fastest calls', 'floor'), {title: 'So it is', key: '/verdict'}],
  parity: () => [{title: 'Runtime', key: '/on'}, {title: 'Against', key: '/reference'}, {title: 'Results', key: '/agreement'}, {title: 'Largest difference', key: '/max_abs', unit: 'short', right: true}],
  strategies: (along) => [{title: along ?? 'Way', key: `/${along ?? 'strategy'}`}, {title: 'Median', key: '/median_us', unit: 'us', right: true}, ...microseconds('Slower by', 'slower_by'), {title: '', key: '/verdict'}],
};

function growthChart(answer) {
  const rows = each(`${answer}/rows`).map(at).filter((row) => row.points?.length > 1);
  if (!rows.length) return '';
  const along = at(`${answer}/along`);
  return plot(`Time by ${along}`, 'measured', `The fastest calls (5th percentile) by ${along}, and the line through them, of ${rows.map((row) => row.label).join('; ')}.`, 340, () => ({
    type: 'scatter',
    data: {
      datasets: rows.flatMap((row, index) => [
        {label: row.label, data: row.points.map((point) => ({x: point[along], y: point.p5_us})), backgroundColor: hue(index), pointRadius: 4},
        {label: '', data: [row.from, row.to].map((x) => ({x, y: row.fixed_us + row.each_us * x})), borderColor: hue(index), showLine: true, pointRadius: 0, borderWidth: 1.5},
      ]),
    },
    options: {
      plugins: {
        legend: {labels: {filter: (item) => item.text !== ''}},
        tooltip: {filter: (item) => item.dataset.label !== '', callbacks: {label: (item) => `${item.dataset.label}: ${units.us(item.parsed.y)} at ${along} ${item.parsed.x}`}},
      },
      scales: {x: {title: axisTitle(along)}, y: {beginAtZero: true, ticks: {callback: tick('us'), maxTicksLimit: 6}}},
    },
  }));
}

function stepsChart(answer) {
  const rows = at(`${answer}/kind`) === 'ladder' ? each(`${answer}/rows`).map(at) : [];
  if (!rows.length) return '';
  const bars = (name, key, index) => ({label: name, data: rows.map((row) => row[`${key}_interval_us`]), backgroundColor: hue(index), borderSkipped: false, maxBarThickness: 10, minBarLength: 2});
  return plot('What each step changes', 'measured', 'The interval of the mean and that of the fastest calls, for each step. One that holds zero shows no change.', Math.max(160, rows.length * 40 + 70), () => ({
    type: 'bar',
    data: {labels: rows.map((row) => clipped(`${row.label}: ${row.from} to ${row.to}`, narrow() ? 20 : 40)), datasets: [bars('mean', 'mean', 1), bars('fastest calls', 'floor', 0)]},
    options: {indexAxis: 'y', scales: {x: {ticks: {callback: tick('us'), maxTicksLimit: narrow() ? 4 : 8, maxRotation: 0}}, y: {grid: {display: false}, ticks: {autoSkip: false}}}},
  }));
}

function answers() {
  return each('/answers').map((answer, index) => {
    const kind = at(`${answer}/kind`);
    const columns = [{title: 'What', key: '/label'}, ...(answerColumns[kind === 'size' ? 'scaling' : kind])(at(`${answer}/along`))];
    return section(`answer${index}`, [kind, at(`${answer}/along`)].filter(Boolean).join(' by '), at(`${answer}/question`), 'measured', at(`${answer}/conclusion`),
        growthChart(answer), stepsChart(answer), has(`${answer}/rows`) ? table(each(`${answer}/rows`), columns, {label: at(`${answer}/question`), sortable: true}) : '');
  });
}

function sweepPoints() {
  const timed = each('/points').filter((point) => at(`${point}/median_us`) !== undefined);
  const failed = each('/points').filter((point) => at(`${point}/failure`) !== undefined);
  const columns = [
    {title: 'Point', key: '/label'}, {title: 'Median', key: '/median_us', unit: 'us', right: true},
    {title: '95 % interval', key: '/interval_us', right: true, order: (point) => at(`${point}/interval_us/0`), cell: (point) => interval(`${point}/interval_us`)},
    {title: 'Minimum', key: '/min_us', unit: 'us', right: true}, {title: 'p5', key: '/p5_us', unit: 'us', right: true}, {title: 'p95', key: '/p95_us', unit: 'us', right: true},
    {title: 'Processes', key: '/processes', right: true}, {title: 'Samples', key: '/samples', unit: 'count', right: true},
  ];
  return section('points', 'Points', 'Every point', 'measured', '', timed.length ? table(timed, columns, {label: 'Every point', sortable: true, search: 'Find a point', tall: true}) : '',
      failed.length ? [h('h3', {}, 'Without a time'), table(failed, [{title: 'Point', key: '/label'}, {title: 'Why', key: '/failure', wide: true}], {label: 'Points without a time'})] : '');
}

function sweepHead() {
  const conclusions = each('/answers').map((answer) => h('li', {}, at(`${answer}/conclusion`)));
  return h('section', {id: 'top', 'aria-label': 'Verdict', style: 'margin-top: 0'}, h('div', {class: 'hero', id: 'verdict'},
      h('p', {class: 'eyebrow mono'}, `${at('/run/name')}, run ${at('/run/id')}, ${at('/run/started')}`), h('h1', {}, at('/plan/about') ?? at('/run/name')), conclusions.length ? h('ul', {}, conclusions) : ''));
}
