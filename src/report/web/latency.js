// How long an inference takes on each runtime: a table, the spread, the distribution, the processes.
function runState(run) {
  if (has(`${run}/usb`)) return h('span', {class: 'state'}, 'bytes only');
  if (at(`${run}/median_us`) === undefined) return h('span', {class: 'state bad'}, 'failed');
  return at(`${run}/valid`) ? h('span', {class: 'state good'}, 'valid') : h('span', {class: 'state warn'}, 'invalid');
}

// Against the fastest: how many times as long, or that no difference is shown.
function rival(run) {
  const of = each('/comparison/against_fastest').find((pointer) => at(`${pointer}/on`) === at(`${run}/on`));
  if (!of) return run === fastest() ? 'fastest' : absent();
  if (at(`${of}/verdict`) !== 'slower') return at(`${of}/verdict`);
  return h('span', {class: 'figures'}, figure(`${of}/ratio`, 'times'), has(`${of}/ratio_interval`) ? [' ', interval(`${of}/ratio_interval`, 'times')] : '');
}

const runColumns = () => [
  {title: 'Runtime', key: '/on'},
  {title: 'State', key: '/valid', cell: runState},
  {title: 'Median', key: '/median_us', unit: 'us', right: true},
  {title: '95 % interval', key: '/interval_us', right: true, order: (run) => at(`${run}/interval_us/0`), cell: (run) => interval(`${run}/interval_us`)},
  {title: 'Against the fastest', key: '', right: true, order: (run) => at(`${run}/median_us`), cell: rival},
  {title: 'Minimum', key: '/min_us', unit: 'us', right: true},
  {title: 'p5', key: '/p5_us', unit: 'us', right: true},
  {title: 'p95', key: '/statistics/p95_us', unit: 'us', right: true},
  {title: 'First inference', key: '/first_us', unit: 'us', right: true},
  {title: 'Load', key: '/load_us', unit: 'us', right: true},
  {title: 'Threads', key: '/runtime/threads', right: true},
  {title: 'Kernels', key: '/runtime/kernels'},
  {title: 'Precision', key: '/runtime/precision'},
  {title: 'Version', key: '/runtime/version'},
];

function spreadTable(runs) {
  return table(runs, [{title: 'Runtime', key: '/on'}, ...['p5', 'p25', 'p75', 'p95', 'p99', 'max'].map((name) => ({title: name, key: `/statistics/${name}_us`, unit: 'us', right: true}))],
      {label: 'Spread of latency by runtime'});
}

// A bar to the median, from zero, so that lengths compare; over it a whisker from p5 to p95 and the
// median of every process.
const whiskers = {
  id: 'whiskers',
  afterDatasetsDraw(chart) {
    const {ctx, scales: {x, y}} = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x.left, y.top, x.width, y.height);  // a tail may lie far outside
    ctx.clip();
    ctx.strokeStyle = css('--ink');
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    chart.options.plugins.whiskers.runs.forEach((run, index) => {
      const middle = y.getPixelForValue(index);
      const [from, to] = ['p5', 'p95'].map((name) => x.getPixelForValue(at(`${run}/statistics/${name}_us`)));
      ctx.moveTo(from, middle);
      ctx.lineTo(to, middle);
      for (const end of [from, to]) {
        ctx.moveTo(end, middle - 6);
        ctx.lineTo(end, middle + 6);
      }
    });
    ctx.stroke();
    ctx.fillStyle = css('--card');
    chart.options.plugins.whiskers.runs.forEach((run, index) => (at(`${run}/process_runs`) ?? []).forEach((process) => {
      ctx.beginPath();
      ctx.arc(x.getPixelForValue(process.median_us), y.getPixelForValue(index), 3, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }));
    ctx.restore();
  },
};

function medianChart(runs) {
  return plot('Median by runtime', 'measured', 'Bars from zero to the median; whiskers from the 5th to the 95th percentile of all inferences; a circle for the median of each process.', 70 + 52 * runs.length, () => ({
    type: 'bar',
    data: {
      labels: runs.map((run) => at(`${run}/on`)),
      datasets: [{data: runs.map((run) => at(`${run}/median_us`)), backgroundColor: runs.map((run) => hue(indexOf(run))), maxBarThickness: 26}],
    },
    options: {
      indexAxis: 'y',
      plugins: {legend: {display: false}, whiskers: {runs}, tooltip: {callbacks: {label: ({dataIndex}) => [`median ${units.us(at(`${runs[dataIndex]}/median_us`))}`,
        ...['p5', 'p95'].map((name) => `${name} ${units.us(at(`${runs[dataIndex]}/statistics/${name}_us`))}`)]}}},
      scales: {x: {beginAtZero: true, ticks: {callback: tick('us'), maxTicksLimit: narrow() ? 4 : 7, maxRotation: 0}}, y: {grid: {display: false}}},
    },
    plugins: [whiskers],
  }), spreadTable(runs));
}

const runOf = (pointer) => pointer.split('/').slice(0, 3).join('/');
const edge = (bin) => at(`${runOf(bin)}/distribution/low_us`) + indexOf(bin) * at(`${runOf(bin)}/distribution/width_us`);

// The distribution function at every point where the document tells it: the quantiles, and what the
// histogram says up to each bin's upper edge.
function cumulative(run) {
  const {low_us: low, width_us: width, counts, above} = at(`${run}/distribution`);
  const all = counts.reduce((sum, count) => sum + count, above);
  let seen = 0;
  const edges = counts.map((count, bin) => ({us: low + width * (bin + 1), share: (seen += count) / all}));
  const quantiles = Object.entries({p5: 0.05, p25: 0.25, median: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99})
      .map(([name, share]) => ({us: at(`${run}/statistics/${name}_us`), share}));
  let reached = 0;  // with few samples the two differ by a sample; a distribution never falls
  return [{us: low, share: 0}, ...edges, ...quantiles].sort((a, b) => a.us - b.us || a.share - b.share)
      .map(({us, share}) => ({us, share: (reached = Math.max(reached, share))}));
}

// Runtimes lie so far apart that on one axis each is a vertical line; against its own median the jitter
// of each can be seen and compared.
function distributionChart(runs) {
  const shown = runs.filter((run) => has(`${run}/distribution/counts`));
  if (!shown.length) return null;
  let relative = true;
  const points = (run) => cumulative(run).map(({us, share}) => ({x: relative ? (us / at(`${run}/statistics/median_us`) - 1) * 100 : us, y: share * 100, us}));
  const limits = () => {
    const ends = shown.flatMap((run) => points(run).map(({x}) => x));
    // On a disturbed machine the tails are so long that nothing else could be seen.
    const low = Math.min(...ends), high = Math.min(Math.max(...ends), relative ? 100 : Infinity), room = (high - low) * 0.08;
    return {min: relative ? low - room : Math.max(0, low - room), max: high + room};
  };
  const axis = () => relative
      ? {type: 'linear', ...limits(), title: axisTitle('difference from the runtime’s own median'), ticks: {callback: (x) => `${x > 0 ? '+' : ''}${Number(x.toPrecision(2))} %`, maxTicksLimit: narrow() ? 5 : 8, maxRotation: 0, includeBounds: false}}
      : {type: 'linear', ...limits(), title: axisTitle('time of one inference'), ticks: {callback: tick('us'), maxTicksLimit: narrow() ? 4 : 7, maxRotation: 0, includeBounds: false}};
  const node = plot('Distribution', 'measured', 'The share of inferences that took at most so long. Steep is steady; a long tail to the right is jitter.', 300, () => ({
    type: 'line',
    data: {datasets: shown.map((run) => ({
      label: at(`${run}/on`), borderColor: hue(indexOf(run)), backgroundColor: hue(indexOf(run)), borderWidth: 2, borderDash: [[], [6, 3], [2, 2], [8, 3, 2, 3]][indexOf(run) % 4],
      pointRadius: 0, pointHitRadius: 6, tension: 0, data: points(run),
    }))},
    options: {
      interaction: {mode: 'nearest', axis: 'xy', intersect: false},
      plugins: {legend: {labels: {boxWidth: 26, boxHeight: 1}}, tooltip: {callbacks: {title: () => '', label: ({dataset, raw}) => `${dataset.label}: ${digits(raw.y)} % within ${units.us(raw.us)}`}}},
      scales: {x: axis(), y: {min: 0, max: 100, ticks: {callback: (share) => `${share} %`}}},
    },
  }), table(shown.flatMap((run) => each(`${run}/distribution/counts`)), [
    {title: 'Runtime', key: '', cell: (bin) => at(`${runOf(bin)}/on`)},
    {title: 'From', key: '', right: true, order: (bin) => edge(bin), cell: (bin) => units.us(edge(bin))},
    {title: 'Inferences', key: '', right: true, cell: (bin) => figure(bin)},
  ], {label: 'Distribution of latency', tall: true}));
  node.querySelector('figcaption').after(h('div', {class: 'control'}, h('label', {}, 'Axis: ', h('select', {onchange: (event) => { relative = event.target.value === 'relative'; node.redraw(); }},
      h('option', {value: 'relative'}, 'against its own median'), h('option', {value: 'absolute'}, 'absolute time')))));
  return node;
}

// What a reader must know before relying on a figure: reasons, warnings and notes, each with its runtime.
function doubts() {
  const of = (run, list) => (at(`${run}/${list}`) ?? []).map((text) => [at(`${run}/on`), text]);
  const lines = each('/runs').flatMap((run) => [...(at(`${run}/reason`) ? [[at(`${run}/on`), at(`${run}/reason`)]] : []), ...of(run, 'warnings'), ...of(run, 'runtime/notes')]);
  lines.push(...(at('/warnings') ?? []).map((text) => [null, text]));
  return lines.length ? h('div', {class: 'doubts'}, h('h3', {}, 'To know before relying on this'),
      h('ul', {}, lines.map(([on, text]) => h('li', {}, on ? [h('span', {class: 'mono'}, on), ': '] : '', prose(text))))) : '';
}

function latency() {
  const runs = valid(), best = fastest();
  if (!has('/runs')) return null;
  return section('latency', 'Latency', 'Latency', 'measured', 'Steady state, one inference at a time, fresh inputs; several processes for each runtime, interleaved at random.',
      table(each('/runs'), runColumns(), {label: 'Latency by runtime', sortable: true, chosen: (run) => run === best}),
      doubts(),
      runs.length ? h('div', {class: 'grid', style: 'margin-top: 1rem'}, medianChart(runs), distributionChart(runs)) : '');
}
