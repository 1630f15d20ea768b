// What a device will make of the model, before it is compiled: one section a device; and the tiles of a
// model that is compiled already.
const deviceNames = {edgetpu: 'Edge TPU', ncs2: 'NCS2'};
const deviceName = (check) => deviceNames[at(`${check}/target`)] ?? at(`${check}/target`);

function checkVerdict(check) {
  const placement = `${check}/placement`;
  if (at(`${check}/verdict`) !== 'compiles') return [h('span', {class: 'state bad'}, 'Does not compile'), ': ', prose(at(`${check}/failure/reason`)), '.'];
  return [h('span', {class: `state ${at(`${placement}/cpu`) ? 'warn' : 'good'}`}, 'Compiles'), ': ', figure(`${placement}/mapped`), ' operators on the device, ', figure(`${placement}/cpu`), ' on the CPU.'];
}

const ranged = (pointer) => [figure(pointer, 'bytes'), at(`${pointer}_range/0`) !== at(`${pointer}_range/1`) ? [' in ', interval(`${pointer}_range`, 'bytes')] : ''];

function checkFacts(check) {
  const memory = `${check}/memory`, stop = `${check}/placement/stops_at`;
  return h('div', {class: 'card'}, facts([
    ['Predicted for', at(`${check}/software`)],
    ['To do', at(`${check}/failure/remedy`)],
    ['Changes of side', [figure(`${check}/placement/transitions`), ', ', figure(`${check}/placement/boundary_bytes`, 'bytes'), ' cross at every inference']],
    ['Mapping stops at', has(stop) ? ['operator ', figure(`${stop}/index`), ' ', at(`${stop}/source_kind`)] : ''],
    ['Parameters stored', has(memory) ? figure(`${memory}/stored_bytes`, 'bytes') : ''],
    ['Kept on the chip', has(memory) ? ranged(`${memory}/cached_bytes`) : ''],
    ['Sent every time', has(memory) ? ranged(`${memory}/streamed_bytes`) : ''],
    ['One inference', has(`${check}/prediction`) ? [interval(`${check}/prediction/interval_us`), has(`${check}/prediction/link`) ? [' over ', at(`${check}/prediction/link`)] : ''] : ''],
    ['Stages', has(`${check}/myriad`) ? [...each(`${check}/myriad/kinds`).flatMap((kind, index) => [index ? ', ' : '', figure(`${kind}/stages`), ' ', at(`${kind}/kind`)])] : ''],
    ['DDR between stages', has(`${check}/myriad`) ? figure(`${check}/myriad/bss_bytes`, 'bytes') : ''],
    ['Used of the device', has(`${check}/myriad`) ? [figure(`${check}/myriad/cmx_slices`), ' of 19 CMX slices, ', figure(`${check}/myriad/shaves`), ' of 16 SHAVEs'] : ''],
  ]));
}

function onCpu(check) {
  const records = each(`${check}/operators`).filter((op) => at(`${op}/verdict`) !== 'mapped');
  // The NCS2's compiler fails at what it does not take.
  const title = at(`${check}/target`) === 'ncs2' ? 'Rejected' : 'On the CPU';
  return records.length ? h('div', {class: 'after'}, h('h3', {}, title), table(records, [
    {title: '#', key: '/index', right: true},
    {title: 'Operator', key: '/source_kind'},
    {title: 'The compiler says', key: '/status', wide: true},
    {title: 'Why', key: '/reason', wide: true},
    {title: 'From device', key: '/bytes_in', unit: 'bytes', right: true},
    {title: 'To device', key: '/bytes_out', unit: 'bytes', right: true},
    {title: 'Remedy', key: '/remedy', wide: true},
  ], {label: `${title}, ${deviceName(check)}`, sortable: true, tall: true})) : '';
}

const advice = (memory) => has(`${memory}/advice`) ? h('div', {class: 'after'}, h('h3', {}, 'What would stream less'), table(each(`${memory}/advice`), [
  {title: 'Change', key: '/change', wide: true},
  {title: 'Fewer bytes', key: '/saved_bytes', unit: 'bytes', right: true},
  {title: 'Sooner', key: '/saved_us', right: true, cell: (row) => interval(`${row}/saved_us`)},
], {label: 'Changes that were tried on the tiles'})) : '';

const layersTable = (memory) => has(`${memory}/layers`) ? h('details', {}, h('summary', {}, 'All layers with parameters'), table(each(`${memory}/layers`), [
  {title: '#', key: '/operator', right: true},
  {title: 'Name', key: '/name', wide: true},
  {title: 'Kind', key: '/kind'},
  {title: 'In the model', key: '/source_bytes', unit: 'bytes', right: true},
  {title: 'Stored', key: '/stored_bytes', unit: 'bytes', right: true},
  {title: 'Blocks', key: '/blocks', right: true},
  {title: 'Rows each', key: '/rows_per_block', right: true},
  {title: 'Kept', key: '/cached'},
  {title: 'Why it streams', key: '/why', wide: true, cell: (_, why) => why ?? ''},
], {label: 'Layers with parameters', sortable: true, tall: true})) : '';

const checks = () => each('/check').map((check) => {
  const memory = `${check}/memory`;
  return section(`check-${at(`${check}/target`)}`, deviceName(check), `${deviceName(check)}, ${has(`${check}/oracle`) ? 'asked its compiler' : 'before compiling'}`, has(`${check}/oracle`) ? 'exact' : 'predicted', '', h('p', {}, checkVerdict(check)), checkFacts(check), onCpu(check),
      has(`${check}/findings`) ? h('div', {class: 'after'}, each(`${check}/findings`).map(findingCard)) : '',
      has(memory) ? [h('div', {class: 'after'}, predictedTiles(memory)), advice(memory), layersTable(memory)] : '');
});

function compiledTiles() {
  const executables = each('/edgetpu/executables').filter((executable) => has(`${executable}/placement`));
  return executables.length ? section('tiles', 'Tiles', 'The chip’s memory', 'exact', 'Where the compiled file puts the parameters that stay on the chip.', executables.map(decodedTiles)) : null;
}
