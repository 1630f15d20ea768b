// Where the time of an inference goes, operator by operator, as the runtimes' own profilers tell it.
const kBars = 20;

function profileChart(runs) {
  let run = runs[0];
  const items = () => each(`${run}/operators`).map((op) => ({label: at(`${op}/name`) || at(`${op}/kind`), value: at(`${op}/us`), note: at(`${op}/kind`)}))
      .sort((a, b) => b.value - a.value).slice(0, kBars);
  const node = plot('Time by operator', 'measured', `The operators that take longest, ${kBars} at most, by the runtime’s own names.`, barHeight(items().length),
      () => barChart(items(), 'us', hue(indexOf(run))));
  return {node, show: (next) => { run = next; node.redraw(barHeight(items().length)); }};
}

function kindChart(runs) {
  let run = runs[0];
  const items = () => each(`${run}/operator_kinds`).map((kind) => ({label: at(`${kind}/kind`), value: at(`${kind}/us`), note: `${at(`${kind}/operators`)} operators`}));
  const node = plot('Time by kind of operator', 'measured', 'All operators of one kind together.', barHeight(items().length),
      () => barChart(items(), 'us', hue(indexOf(run))));
  return {node, show: (next) => { run = next; node.redraw(barHeight(items().length)); }};
}

function profileTable(run) {
  return table(each(`${run}/operators`), [
    {title: 'Operator', key: '/name', wide: true},
    {title: 'Kind', key: '/kind'},
    {title: 'Kernel', key: '/kernel', wide: true},
    {title: 'Time', key: '/us', unit: 'us', right: true},
  ], {label: `Time by operator, ${at(`${run}/on`)}`, sortable: true, search: 'Find an operator, kind or kernel', tall: true});
}

function profile() {
  const runs = each('/runs').filter((run) => has(`${run}/operators`));
  if (!runs.length) return null;
  const best = fastest();
  runs.sort((a, b) => (b === best) - (a === best));
  const charts = [profileChart(runs), kindChart(runs)];
  const listing = h('details', {}, h('summary', {}, 'All operators as a table'), profileTable(runs[0]));
  const choice = h('select', {'aria-label': 'Runtime whose profile is shown', onchange: (event) => {
    const run = runs[Number(event.target.value)];
    charts.forEach((chart) => chart.show(run));
    listing.lastChild.replaceWith(profileTable(run));
  }}, runs.map((run, index) => h('option', {value: index}, at(`${run}/on`))));
  return section('time', 'Time', 'Where the time goes', 'measured', 'Profiling slows a run down, so these times need not add up to the latency above.',
      h('div', {class: 'control'}, h('label', {}, 'Runtime: ', choice)), h('div', {class: 'grid'}, charts.map((chart) => chart.node)), listing);
}

function operators() {
  const records = each('/model/operators');
  if (!records.length) return null;
  const subgraphs = at('/model/totals/subgraphs') ?? 1;
  return section('operators', 'Operators', 'Operators of the model', 'exact', 'In the file’s order. Kind is edgescope’s name, the file’s own stands beside it where it is another.', table(records, [
    {title: '#', key: '/index', right: true, order: (op) => indexOf(op), cell: (op) => subgraphs > 1 ? [figure(`${op}/subgraph`), ':', figure(`${op}/index`)] : figure(`${op}/index`)},
    {title: 'Name', key: '/name', wide: true},
    {title: 'Kind', key: '/kind', cell: (op, kind) => at(`${op}/source_kind`) && at(`${op}/source_kind`).toLowerCase() !== String(kind).toLowerCase() ? [String(kind), ' ', h('span', {class: 'lead mono'}, at(`${op}/source_kind`))] : String(kind ?? '')},
    {title: 'MACs', key: '/macs', unit: 'count', right: true},
    {title: 'Parameters', key: '/parameters', unit: 'count', right: true},
    {title: 'Weights', key: '/weight_bytes', unit: 'bytes', right: true},
    {title: 'Output', key: '/output', cell: (op) => (at(`${op}/outputs`) ?? []).filter(Boolean).map((out) => `${out.type} ${shape(out.shape)}`).join(', ')},
  ], {label: 'Operators of the model', sortable: true, search: 'Find an operator by name or kind', tall: true}));
}
