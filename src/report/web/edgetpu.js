// A compiled Edge TPU model: what crosses the link, what each executable holds, whose the file's bytes are.
const kTraffic = ['instructions', 'input', 'parameters', 'output', 'scratch_in', 'scratch_out'];

function trafficTable() {
  const row = (name) => h('tr', {}, h('th', {scope: 'row'}, titled(name)),
      ['first_inference', 'per_inference'].map((when) => h('td', {class: 'right'}, figure(`/edgetpu/${when}/${name}`, 'bytes'))));
  return h('div', {}, h('h3', {}, 'Bytes over the link'), h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Bytes over the link'},
      h('table', {}, h('caption', {class: 'unseen'}, 'Bytes over the link'),
          h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'What'), h('th', {scope: 'col', class: 'right'}, 'First inference'), h('th', {scope: 'col', class: 'right'}, 'Every later one'))),
          h('tbody', {}, kTraffic.filter((name) => at(`/edgetpu/first_inference/${name}`) > 0).map(row)))));
}

function compiled() {
  if (!has('/edgetpu')) return null;
  const summary = h('div', {class: 'card'}, facts([
    ['Edge TPU operators', figure('/edgetpu/subgraphs')],
    ['Operators on the CPU', h('data', {value: String(at('/edgetpu/cpu_operators').length)}, String(at('/edgetpu/cpu_operators').length))],
    ['Parameters kept on the chip', figure('/edgetpu/cached_parameter_bytes', 'bytes')],
    ['Parameters sent at every inference', figure('/edgetpu/streamed_parameter_bytes', 'bytes')],
    ['Instructions in the file', figure('/edgetpu/instruction_bytes', 'bytes')],
    ['Chip', [at('/edgetpu/chip'), ', runtime ', figure('/edgetpu/min_runtime_version'), ' or newer']],
  ]));
  const executables = h('div', {}, h('h3', {}, 'Executables'), table(each('/edgetpu/executables'), [
    {title: 'Type', key: '/type'},
    {title: 'Operator', key: '/operator', right: true},
    {title: 'Parameters', key: '/parameter_bytes', unit: 'bytes', right: true},
    {title: 'Instructions', key: '/instruction_bytes', unit: 'bytes', right: true},
    {title: 'Input', key: '/traffic/input', unit: 'bytes', right: true},
    {title: 'Output', key: '/traffic/output', unit: 'bytes', right: true},
    {title: 'Token', key: '/caching_token'},
  ], {label: 'Executables'}));
  const owners = h('div', {}, h('h3', {}, 'Bytes of the file'), table(each('/edgetpu/owners').filter((owner) => at(`${owner}/bytes`) > 0), [
    {title: 'Owner', key: '/owner'},
    {title: 'Bytes', key: '/bytes', unit: 'bytes', right: true},
    {title: 'Share', key: '/share', unit: 'percent', right: true},
  ], {label: 'Bytes of the file by owner', sortable: true}));
  return section('edgetpu', 'Edge TPU', 'Compiled for the Edge TPU', 'exact', 'From the compiled file’s DMA hints.', summary,
      h('div', {class: 'grid', style: 'margin-top: 1rem'}, trafficTable(), owners), executables);
}
