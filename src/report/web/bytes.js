// Who owns the bytes of the files; every byte has an owner, so the rows add up to the files.
const baseName = (path) => String(path).split('/').pop();

function ownersChart() {
  const files = each('/model/files');
  const owners = files.flatMap((file) => each(`${file}/owners`)).filter((owner) => at(`${owner}/bytes`) > 0);
  const names = [...new Set(owners.map((owner) => at(`${owner}/owner`)))];
  const fileOf = (owner) => owner.split('/').slice(0, 4).join('/');
  const bytesOf = (file, name) => at(`${file}/owners`).find((owner) => owner.owner === name)?.bytes ?? 0;
  const most = Math.max(...files.map((file) => at(`${file}/bytes`)));
  const node = plot('Bytes by owner', '', 'Every byte of the file has one owner.', 70 + 50 * files.length, () => ({
    type: 'bar',
    data: {
      labels: files.map((file) => clipped(baseName(at(`${file}/path`)), 18)),
      datasets: names.map((name, index) => ({label: name, data: files.map((file) => bytesOf(file, name)), backgroundColor: hue(index), maxBarThickness: 40})),
    },
    options: {
      indexAxis: 'y',
      plugins: {legend: {display: false}, tooltip: {callbacks: {label: ({dataset, raw}) => `${dataset.label}: ${units.bytes(raw)}`}}},
      scales: {
        x: {stacked: true, max: most, ticks: {callback: tick('bytes'), stepSize: byteStep(most, narrow() ? 3 : 5), includeBounds: false, maxRotation: 0}},
        y: {stacked: true, display: files.length > 1, grid: {display: false}},
      },
    },
  }));
  const swatches = h('ul', {class: 'swatches'});
  recolor.push(() => swatches.replaceChildren(...owners.map((owner) => h('li', {}, h('i', {style: `background: ${hue(names.indexOf(at(`${owner}/owner`)))}`}),
      files.length > 1 ? `${baseName(at(`${fileOf(owner)}/path`))}: ` : '', at(`${owner}/owner`), ' ', figure(`${owner}/bytes`, 'bytes'), ' ', h('span', {class: 'soft'}, '(', figure(`${owner}/share`, 'percent'), ')')))));
  node.append(swatches);
  return node;
}

const kindTable = () => has('/model/kinds') ? h('div', {}, h('h3', {}, 'By kind of operator'), table(each('/model/kinds'), [
  {title: 'Kind', key: '/kind'},
  {title: 'Operators', key: '/operators', right: true},
  {title: 'MACs', key: '/macs', unit: 'count', right: true},
  {title: 'Parameters', key: '/parameters', unit: 'count', right: true},
  {title: 'Weights', key: '/weight_bytes', unit: 'bytes', right: true},
], {label: 'Work and bytes by kind of operator', sortable: true, tall: true})) : '';

const typeTable = () => has('/model/types') ? h('div', {}, h('h3', {}, 'Constants by type'), table(each('/model/types'), [
  {title: 'Type', key: '/type'},
  {title: 'Tensors', key: '/tensors', right: true},
  {title: 'Parameters', key: '/parameters', unit: 'count', right: true},
  {title: 'Bytes', key: '/bytes', unit: 'bytes', right: true},
], {label: 'Constants by element type', sortable: true})) : '';

function weightsChart() {
  const records = each('/model/operators').filter((op) => at(`${op}/weight_bytes`) > 0)
      .sort((a, b) => at(`${b}/weight_bytes`) - at(`${a}/weight_bytes`)).slice(0, kBars);
  if (!records.length) return null;
  return plot('Weights by operator', '', `The ${records.length} operators with the largest weights.`, barHeight(records.length), () => barChart(records.map((op) =>
      ({label: at(`${op}/name`) || at(`${op}/kind`), value: at(`${op}/weight_bytes`), note: at(`${op}/kind`)})), 'bytes', hue(2)));
}

function bytes() {
  if (!has('/model/files')) return null;
  return section('bytes', 'Bytes', 'Work and bytes', 'exact', '', h('div', {class: 'grid'}, h('div', {class: 'stack'}, ownersChart(), kindTable()), h('div', {class: 'stack'}, weightsChart(), typeTable())));
}

const portTable = (pointer, label) => has(pointer) ? h('div', {}, h('h3', {}, label), table(each(pointer), [
  {title: 'Name', key: '/name', wide: true},
  {title: 'Type', key: '/type'},
  {title: 'Shape', key: '/shape', cell: (_, dims) => h('span', {class: 'figures'}, shape(dims))},
  {title: 'Bytes', key: '/bytes', unit: 'bytes', right: true},
  {title: 'Scale', key: '/quantization/scale', unit: 'short', right: true},
  {title: 'Zero point', key: '/quantization/zero_point', right: true},
], {label})) : '';

// What the file says of itself.
function identity() {
  const list = (pointer, show) => has(pointer) ? each(pointer).map((one, index) => [index ? ', ' : '', show(one)]) : '';
  return h('div', {class: 'card'}, facts([
    ['Format', [at('/model/format'), ' ', figure('/model/format_version')]],
    ['Name', at('/model/name')],
    ['Made by', at('/model/producer')],
    ['Layout', at('/model/layout')],
    ['Opsets', list('/model/opsets', (opset) => [at(`${opset}/domain`), ' ', figure(`${opset}/version`)])],
    ['Signatures', list('/model/signatures', (signature) => at(`${signature}/key`))],
    ['Metadata', list('/model/metadata', (entry) => [at(`${entry}/key`), ' ', at(`${entry}/value`) || figure(`${entry}/bytes`, 'bytes')])],
    ['Tensors', [figure('/model/totals/tensors'), ', ', figure('/model/totals/constants'), ' of them constant']],
    ['Activations', ['read ', figure('/model/totals/read_bytes', 'bytes'), ', written ', figure('/model/totals/written_bytes', 'bytes')]],
  ]));
}

function ports() {
  return section('ports', 'Model', 'The model', 'exact', '', identity(),
      h('div', {class: 'grid', style: 'margin-top: 1rem'}, portTable('/model/inputs', 'Inputs'), portTable('/model/outputs', 'Outputs')));
}
