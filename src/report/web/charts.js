// What all charts share: colours from the page's theme, a redraw when it changes, a table of the same
// figures for those who do not see the picture.
const drawn = [];
const recolor = [];  // what else takes its colours from the theme

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hue = (index) => css(`--c${(index % 8) + 1}`);
const narrow = () => window.innerWidth < 640;
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

// `configure()` makes a Chart.js configuration from the current theme; `describe` is the picture in a sentence.
function plot(title, marks, describe, height, configure, data) {
  const canvas = h('canvas', {role: 'img', 'aria-label': describe});
  const box = h('div', {class: 'plot', style: `height: ${height}px`}, canvas);
  const entry = {canvas, box, configure, chart: null};
  drawn.push(entry);
  const node = h('figure', {class: 'card'}, h('h3', {}, title, basis(marks)), h('figcaption', {}, describe), box,
      data ? h('details', {}, h('summary', {}, 'The same as a table'), data) : '');
  node.redraw = (rows) => {
    if (rows) box.style.height = `${rows}px`;
    draw(entry);
  };
  return node;
}

function draw(entry) {
  entry.chart?.destroy();
  Chart.defaults.color = css('--soft');
  Chart.defaults.borderColor = css('--grid');
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  Chart.defaults.animation = still ? false : {duration: 250};
  const configuration = entry.configure();
  configuration.options = {responsive: true, maintainAspectRatio: false, ...configuration.options};
  entry.chart = new Chart(entry.canvas, configuration);
}

function drawAll() {
  recolor.forEach((again) => again());
  drawn.forEach(draw);
}

// A label that fits beside a bar: what tells names of nodes apart is at their beginning or their end.
const clipped = (text, length) => text.length <= length ? text : `${text.slice(0, Math.ceil(length * 0.6))}…${text.slice(1 - Math.floor(length * 0.4))}`;

// Names as labels: fused nodes list several names, of which the first will do; what all begin or end with says nothing.
function labels(names) {
  const firsts = names.map((name) => name.split(';')[0]);
  if (new Set(firsts).size < 2) return firsts;
  const shared = (texts) => {
    let length = Math.min(...texts.map((text) => text.length));
    while (length > 0 && texts.some((text) => text.slice(0, length) !== texts[0].slice(0, length))) --length;
    return texts[0].slice(0, length);
  };
  const head = shared(firsts).replace(/[^/]*$/, '');
  const tail = shared(firsts.map((name) => [...name.slice(head.length)].reverse().join(''))).replace(/[^/_]*$/, '');
  return firsts.map((name) => name.slice(head.length, name.length - tail.length));
}

// Round figures of an axis: "400 µs", not "400.0 µs".
const tick = (unit) => (value) => units[unit](value).replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');

// Steps between ticks of an axis of bytes: powers of two, so that they read as round figures.
const byteStep = (highest, count) => highest > 0 ? 2 ** Math.ceil(Math.log2(highest / count)) : undefined;

const axisTitle = (text) => ({display: true, text});

// Horizontal bars, one a record: what is long sits beside its bar, not under it.
function barChart(items, unit, color) {
  const slim = narrow(), names = labels(items.map((item) => item.label));
  return {
    type: 'bar',
    data: {
      labels: names.map((name) => clipped(name, slim ? 18 : 34)),
      datasets: [{data: items.map((item) => item.value), backgroundColor: color ?? hue(0), maxBarThickness: 18, minBarLength: 1}],
    },
    options: {
      indexAxis: 'y',
      plugins: {
        legend: {display: false},
        tooltip: {callbacks: {title: ([first]) => items[first.dataIndex].label, label: (point) => [units[unit](items[point.dataIndex].value), items[point.dataIndex].note].filter(Boolean).join(' · ')}},
      },
      scales: {
        x: {beginAtZero: true, ticks: {callback: tick(unit), maxTicksLimit: slim ? 4 : 6, maxRotation: 0, stepSize: unit === 'bytes' ? byteStep(Math.max(...items.map((item) => item.value)), slim ? 3 : 5) : undefined}},
        y: {grid: {display: false}, ticks: {autoSkip: false}},
      },
    },
  };
}

const barHeight = (count) => Math.max(90, count * 24 + 40);
